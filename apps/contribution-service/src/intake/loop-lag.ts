/**
 * How long the event loop has been in its present turn: at least so long has stood in line what it comes to only now. Asked within a turn,
 * it turns away the end of a crowd and never the next one; a timer between turns would refuse all or nobody until it fires again.
 */
export class LoopLag {
  private turnBegan: number | undefined;

  /** In milliseconds; 0 for who asks first in a turn. */
  get ms(): number {
    const now = performance.now();
    if (this.turnBegan !== undefined) return now - this.turnBegan;
    this.turnBegan = now;
    // Runs once all that had come in this turn was taken up.
    setImmediate(() => { this.turnBegan = undefined; });
    return 0;
  }
}
