import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configEnv } from './config-env.js';
import { build, OVERLAYS, renderedFile } from './kustomize.js';
import { prometheusRule, prometheusRuleFile } from './prometheus-rule.js';
import { configSchemas, projectFolder } from './schemas.js';

for (const [service, schema] of await configSchemas()) writeFileSync(join(projectFolder, 'k8s', 'base', service, 'config.env'), configEnv(service, schema));
writeFileSync(prometheusRuleFile, prometheusRule());

for (const overlay of OVERLAYS) {
  const rendered = await build(overlay);
  if (rendered === undefined) console.log(`kubectl is missing: ${renderedFile(overlay)} stays as it is`);
  else writeFileSync(renderedFile(overlay), rendered);
}
