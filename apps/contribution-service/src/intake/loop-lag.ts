/** Fewer are no crowd, however long they take: one large body, or a machine that is busy with something else, turns nobody away. */
const CROWD = 32;

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
