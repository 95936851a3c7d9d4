/**
 * `npm run docs`: writes what is generated from the code and committed beside it: docs/events.md, docs/asyncapi.json,
 * each service's openapi.json, and what k8s takes from the code. Specs fail when one of them no longer says what the code does.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { licencesDocument, productionPackages } from './licences.mjs';

const project = join(import.meta.dirname, '..');
const run = (file) => execFileSync(process.execPath, [file], { cwd: project, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 64 * 1024 * 1024 });

run(join('libs', 'contracts', 'dist', 'generate-docs.js'));
console.log('docs/events.md, docs/asyncapi.json');
for (const app of readdirSync(join(project, 'apps')).toSorted()) {
  const program = join('apps', app, 'dist', 'openapi.js');
  if (!existsSync(join(project, program))) continue; // not a service
  writeFileSync(join(project, 'apps', app, 'openapi.json'), `${run(program).trimEnd()}\n`);
  console.log(`apps/${app}/openapi.json`);
}
run(join('tools', 'deployment', 'dist', 'generate.js'));
console.log('k8s/base/*/config.env, k8s/rendered');
writeFileSync(join(project, 'docs', 'licences.md'), licencesDocument(productionPackages()));
console.log('docs/licences.md');
