/** How a run ends: one plain line, so that a person or a script need read nothing else. A file that could not run counts as one failure. */
export function closingLine(results) {
  const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
  const skipped = results.numPendingTests + results.numTodoTests;
  return `tests: ${results.numPassedTests} passed, ${failed} failed, ${skipped} skipped`;
}

export default class ClosingLine {
  onRunComplete(_contexts, results) {
    process.stdout.write(`${closingLine(results)}\n`);
  }
}
