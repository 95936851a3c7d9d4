import { tryReport } from './make-report.js';
import type { ReportOrder } from './report-order.js';

/**
 * The process that makes one report: what Typst and the exports took of memory goes back with it.
 * Takes the order as its first message, answers with the outcome, and is ended by whoever heard it. Dies with its parent.
 */
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
process.once('message', (order: ReportOrder) => {
  void tryReport(order).then((outcome) => process.send!(outcome));
});
