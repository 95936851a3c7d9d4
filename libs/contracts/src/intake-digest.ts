import { createHash } from 'node:crypto';

/**
 * The seal's digest, fed one contribution at a time in ascending order of id (bytes of the lower-case text form).
 * Publisher, projection and checks all use this one definition.
 */
export class IntakeDigest {
  private readonly hash = createHash('sha256');
  private last = '';

  /** @throws Error when fed out of order or twice. */
  add(contributionId: string, bodySha256: string, withdrawn: boolean): void {
    if (contributionId <= this.last) throw new Error(`${contributionId} does not follow ${this.last}`);
    this.last = contributionId;
    this.hash.update(`${contributionId} ${bodySha256} ${withdrawn ? 'withdrawn' : 'filed'}\n`);
  }

  /** Lower-case hexadecimal; ends the digest. */
  hex(): string {
    return this.hash.digest('hex');
  }
}
