/** Ends a run with one plain line, so that a person or a script need read nothing else. */
export default class ClosingLine {
  onRunComplete(_contexts, results) {
    const crashed = results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    process.stdout.write(`tests: ${results.numPassedTests} passed, ${results.numFailedTests + crashed} failed, ${skipped} skipped\n`);
  }
}
