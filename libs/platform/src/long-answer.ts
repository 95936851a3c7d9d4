import { Readable } from 'node:stream';
import { Logger, StreamableFile } from '@nestjs/common';
import { describeFailure } from './failures.js';

/** Shorter than any server or proxy on the way waits for a byte. */
const SIGN_OF_LIFE_MS = 10_000;

const logger = new Logger('LongAnswer');

/**
 * Answers in JSON once `work` has ended, however long that takes: until then a line break now and then keeps the connection
 * (as S3 does while it completes a multipart upload). The status has left by then: what can be refused is refused before. Work that
 * fails at once is a problem like any other, later it breaks the answer off; it goes on when the caller goes away. Where nobody
 * can be told any more that it failed, the log is.
 */
export function longAnswer(work: Promise<object>): StreamableFile {
  let hasBegun = false;
  const answer = Readable.from(untilDone(work, () => { hasBegun = true; }), { objectMode: false });
  work.catch((error: unknown) => {
    if (hasBegun || answer.destroyed) logger.error(`Broken off: ${describeFailure(error)}`);
  });
  return new StreamableFile(answer, { type: 'application/json; charset=utf-8' });
}

async function* untilDone(work: Promise<object>, onSign: () => void): AsyncGenerator<string> {
  const done = work.then((answer) => JSON.stringify(answer));
  for (;;) {
    let timer: NodeJS.Timeout | undefined;
    const pause = new Promise<undefined>((resolve) => { timer = setTimeout(() => { resolve(undefined); }, SIGN_OF_LIFE_MS); });
    const text: string | undefined = await Promise.race([done, pause]).finally(() => { clearTimeout(timer); });
    if (text === undefined) onSign();
    yield text ?? '\n';
    if (text !== undefined) return;
  }
}
