import { fork } from 'node:child_process';
import type { Outcome, ReportOrder } from '../export/report-order.js';

/** Makes the files of one report. */
export abstract class ReportMaker {
  /**
   * Never rejects: a maker that dies is an outcome.
   * @param signal ends the making at once.
   */
  abstract make(order: ReportOrder, signal: AbortSignal): Promise<Outcome>;
}

/** Rows live for a moment: without it V8 lets them pile up to a hundred megabytes before it looks. In MiB. */
const SMALL_YOUNG_GENERATION = '--max-semi-space-size=2';

/** Makes each report in a process of its own, so that its memory goes back and its blocking steps block nobody. */
export class ForkedReportMaker extends ReportMaker {
  /** @param program file that takes an order as a message and answers with an outcome. */
  constructor(private readonly program: URL, private readonly options: { readonly execArgv?: readonly string[]; readonly env?: NodeJS.ProcessEnv } = {}) {
    super();
  }

  static inOwnProcess(): ForkedReportMaker {
    return new ForkedReportMaker(new URL('../export/make-report.program.js', import.meta.url), { execArgv: [SMALL_YOUNG_GENERATION] });
  }

  override make(order: ReportOrder, signal: AbortSignal): Promise<Outcome> {
    return new Promise((resolve) => {
      const { execArgv = [], env } = this.options;
      const child = fork(this.program, { execArgv: [...execArgv], ...(env && { env }), serialization: 'json' });
      const stop = () => child.kill('SIGKILL');
      signal.addEventListener('abort', stop, { once: true });
      if (signal.aborted) stop();
      let answer: Outcome | undefined;
      // What it tells is done and durable. It is not left to end by itself: Node may join a compiler's thread that waits for a collection, for ever (nodejs/node#54918).
      child.once('message', (outcome) => {
        answer = outcome as Outcome;
        stop();
      });
      child.once('error', (error) => { answer ??= { outcome: 'interrupted', cause: error.message }; });
      child.once('close', (code, killedBy) => {
        signal.removeEventListener('abort', stop);
        resolve(answer ?? { outcome: 'interrupted', cause: `Le processus du rapport s’est arrêté (${killedBy ?? code}). The report’s process ended (${killedBy ?? code}).` });
      });
      child.send(order, (error) => { if (error) stop(); });
    });
  }
}
