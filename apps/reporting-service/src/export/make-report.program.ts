import { tryReport } from './make-report.js';
import type { ReportOrder } from './report-order.js';

/**
 * The process that makes one report and ends: what Typst and the exports took of memory goes back with it.
 * Takes the order as its first message, answers with the outcome. Dies with its parent.
 */
process.once('disconnect', () => process.exit(1));
process.once('message', (order: ReportOrder) => {
  void tryReport(order).then((outcome) => process.send!(outcome, () => process.exit(0)));
});
