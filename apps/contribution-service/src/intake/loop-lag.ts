import { BATCH_ROWS } from './intake-queue.js';

/** What fits into one batch is no crowd, however long it takes: large bodies, or a machine that is busy with something else, turn nobody away. */
const CROWD = BATCH_ROWS;

/**
 * How long the event loop has been in its present turn: at least so long has stood in line what it comes to only now. Asked within a turn,
 * it turns away the end of a crowd and never the next one; a timer between turns would refuse all or nobody until it fires again.
 */
export class LoopLag {
  private turnBegan = 0;
  private asked = 0;

  /** In milliseconds; 0 for the first who ask in a turn. */
  get ms(): number {
    if (this.asked === 0) {
      this.turnBegan = performance.now();
      // Runs once all that had come in this turn was taken up.
      setImmediate(() => { this.asked = 0; });
    }
    return ++this.asked <= CROWD ? 0 : performance.now() - this.turnBegan;
  }
}
