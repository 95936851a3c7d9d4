/** An episode is over when nothing was refused for so long. */
const QUIET_MS = 10_000;
const LOOK_MS = 1_000;

interface Teller {
  warn(line: object): void;
  log(line: object): void;
}

/** 503 comes in floods: two lines for each, its beginning and its end, whatever its length. Costs nothing while there is none. */
export class RefusalEpisodes {
  private refused = 0;
  private begunAt = 0;
  private lastAt = 0;
  private looking: NodeJS.Timeout | undefined;

  constructor(private readonly logger: Teller) {}

  /** @param now by `performance.now()`. */
  note(route: string, now: number): void {
    if (this.refused++ === 0) {
      this.begunAt = now;
      this.logger.warn({ msg: 'Requests are refused: overload, or what they need is away', route });
      this.looking = setInterval(() => { this.look(performance.now()); }, LOOK_MS).unref();
    }
    this.lastAt = now;
  }

  /** Ends the episode when its time has come. */
  look(now: number): void {
    if (this.refused === 0 || now - this.lastAt < QUIET_MS) return;
    this.logger.log({ msg: 'Requests are answered again', refused: this.refused, seconds: Math.round((this.lastAt - this.begunAt) / 1_000) });
    this.refused = 0;
    clearInterval(this.looking);
  }
}
