/**
 * `npm test`, once everything is installed: build and type check, then every test, with lint and boundary rules beside them.
 * Whatever happens, the last line printed is `tests: N passed, N failed, N skipped`.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { closingLine } from './closing-line.reporter.mjs';

const project = join(import.meta.dirname, '..');
const resultFile = join(project, '.cahier', 'test-results.json');
const nothingRan = { numPassedTests: 0, numFailedTests: 1, numRuntimeErrorTestSuites: 0, numPendingTests: 0, numTodoTests: 0 };

/**
 * Runs one program of node_modules/.bin, which npm has put on the PATH.
 * @param options.aside something else prints meanwhile: what this says is shown once it has ended.
 */
async function step(name, command, args, { env = {}, aside = false } = {}) {
  if (!aside) console.log(`\n— ${name}`);
  const start = performance.now();
  const child = spawn(command, args, { cwd: project, stdio: aside ? ['ignore', 'pipe', 'pipe'] : 'inherit', env: { ...process.env, ...env } });
  const said = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => said.push(chunk));
  const ok = await new Promise((resolve) => {
    child.once('error', (error) => resolve(console.error(error.message)));
    child.once('close', (code) => resolve(code === 0));
  });
  process.stdout.write(Buffer.concat(said));
  console.log(`— ${name}: ${ok ? 'ok' : 'FAILED'}, ${((performance.now() - start) / 1000).toFixed(1)} s`);
  return ok;
}

async function runTests() {
  mkdirSync(join(project, '.cahier'), { recursive: true });
  rmSync(resultFile, { force: true });
  const args = [
    '--reporters=default', // without the one that closes a run with the same line: Jest prints more after it
    '--json',
    `--outputFile=${resultFile}`,
    ...process.argv.slice(2),
  ];
  const ok = await step('tests', 'jest', args, { env: { NODE_OPTIONS: '--experimental-vm-modules --no-warnings' } });
  const results = resultsOf(resultFile);
  return ok || failures(results) > 0 ? results : { ...results, numFailedTests: 1 };
}

const failures = ({ numFailedTests, numRuntimeErrorTestSuites }) => numFailedTests + numRuntimeErrorTestSuites;

function resultsOf(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return nothingRan; // Jest ended before it ran a test
  }
}

// Whoever interrupts a run interrupts the running step too (bootstrap.mjs); the closing line is still printed.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => undefined);
const built = await step('build and types', 'tsc', ['-b']);
// Lint takes half a minute of one core, and the first specs mostly wait.
const [results, ...rules] = built
  ? await Promise.all([runTests(), step('lint', 'eslint', ['.'], { aside: true }), step('boundaries', 'npm', ['run', '--silent', 'boundaries'], { aside: true })])
  : [nothingRan];
const all = { ...results, numFailedTests: results.numFailedTests + rules.filter((kept) => !kept).length };
console.log(closingLine(all));
process.exitCode = failures(all) === 0 ? 0 : 1;
