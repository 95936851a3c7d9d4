/**
 * `npm test`, once everything is installed: build and type check, lint, boundary rules, then every test.
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

/** Runs one program of node_modules/.bin, which npm has put on the PATH. */
async function step(name, command, args, env = {}) {
  console.log(`\n— ${name}`);
  const start = performance.now();
  const child = spawn(command, args, { cwd: project, stdio: 'inherit', env: { ...process.env, ...env } });
  const ok = await new Promise((resolve) => {
    child.once('error', (error) => resolve(console.error(error.message)));
    child.once('exit', (code) => resolve(code === 0));
  });
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
  const ok = await step('tests', 'jest', args, { NODE_OPTIONS: '--experimental-vm-modules --no-warnings' });
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
const ready =
  (await step('build and types', 'tsc', ['-b'])) &&
  (await step('lint', 'eslint', ['.'])) &&
  (await step('boundaries', 'npm', ['run', '--silent', 'boundaries']));
const results = ready ? await runTests() : nothingRan;
console.log(closingLine(results));
process.exitCode = failures(results) === 0 ? 0 : 1;
