import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { goals } from './goals.js';
import { load, machine } from './machine.js';
import type { Measured } from './part.js';
import { parts } from './parts.js';
import { stopServers } from './processes.js';
import { missed, table } from './table.js';

const names = parts.map(({ name }) => name);
const USAGE = `Usage: npm run bench -- [${names.join(' ')}] [--quick] [--rounds N]
  --quick     every part in three minutes: one short round, small tables; whether all runs, and about where it stands
  --rounds N  paired rounds; 5 by default, 1 when quick`;

const { values: options, positionals } = parseArgs({ allowPositionals: true, options: { quick: { type: 'boolean', default: false }, rounds: { type: 'string' }, help: { type: 'boolean', default: false } } });
const unknown = positionals.filter((name) => !names.includes(name));
if (options.help || unknown.length > 0) {
  console.log(unknown.length > 0 ? `There is no part ${unknown.join(', ')}.\n${USAGE}` : USAGE);
  process.exit(options.help ? 0 : 2);
}

const rounds = Number(options.rounds ?? (options.quick ? 1 : 5));
const startedAt = new Date(Date.now());
const loadBefore = load();
const here = machine();
const measured: Measured[] = [];
for (const part of parts.filter(({ name }) => positionals.length === 0 || positionals.includes(name))) {
  console.log(`\n— ${part.name}`);
  const began = performance.now();
  try {
    measured.push(...(await part.run({ quick: options.quick, rounds, say: (line) => { console.log(line); } })));
  } finally {
    await stopServers();
  }
  console.log(`${((performance.now() - began) / 1_000).toFixed(0)} s`);
}

console.log(`\n${here.cores} × ${here.cpu}, ${here.memoryGib} GiB, Linux ${here.kernel}, Node ${here.node}, PostgreSQL ${here.postgresql}; load average ${loadBefore} before, ${load()} after${options.quick ? '; --quick' : ''}\n`);
console.log(table(measured));
const folder = join(import.meta.dirname, '..', 'results');
mkdirSync(folder, { recursive: true });
const file = join(folder, `${startedAt.toISOString().slice(0, 19).replaceAll(':', '')}Z.json`);
writeFileSync(file, `${JSON.stringify({ startedAt, quick: options.quick, machine: here, load: { before: loadBefore, after: load() }, measured }, undefined, 2)}\n`);
console.log(`\nWritten to ${file}`);
const unmeasured = Object.keys(goals).filter((goal) => !measured.some((one) => one.goal === goal));
if (unmeasured.length > 0) console.log(`Not measured: ${unmeasured.join(', ')}`);
const below = missed(measured);
if (below.length > 0) console.log(`Below their floor: ${below.join(', ')}`);
process.exitCode = below.length > 0 ? 1 : 0;
