import { isUnavailable } from '@cahier/platform';
import { makeReport } from './make-report.js';
import type { Outcome, ReportOrder } from './report-order.js';

/**
 * The process that makes one report and ends: what Typst and the exports took of memory goes back with it.
 * Takes the order as its first message, answers with the outcome. Dies with its parent.
 */
process.once('disconnect', () => process.exit(1));
process.once('message', (order: ReportOrder) => {
  void makeReport(order)
    .catch((error: unknown): Outcome => ({ outcome: isUnavailable(error) ? 'interrupted' : 'failed', cause: describe(error) }))
    .then((outcome) => process.send!(outcome, () => process.exit(0)));
});

function describe(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 500);
}
