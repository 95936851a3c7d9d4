import { Readable } from 'node:stream';
import { StreamableFile } from '@nestjs/common';

/** Shorter than any server or proxy on the way waits for a byte. */
const SIGN_OF_LIFE_MS = 10_000;

/**
 * Answers in JSON once `work` has ended, however long that takes: until then a line break now and then keeps the connection
 * (as S3 does while it completes a multipart upload). The status has left by then: what can be refused is refused before. Work that
 * fails at once is a problem like any other, later it breaks the answer off; it goes on when the caller goes away.
 */
export function longAnswer(work: Promise<object>): StreamableFile {
  return new StreamableFile(Readable.from(untilDone(work), { objectMode: false }), { type: 'application/json; charset=utf-8' });
}

async function* untilDone(work: Promise<object>): AsyncGenerator<string> {
  const done = work.then((answer) => JSON.stringify(answer));
  done.catch(() => undefined); // also when nobody reads any more
  for (;;) {
    let timer: NodeJS.Timeout | undefined;
    const pause = new Promise<undefined>((resolve) => { timer = setTimeout(() => { resolve(undefined); }, SIGN_OF_LIFE_MS); });
    const text: string | undefined = await Promise.race([done, pause]).finally(() => { clearTimeout(timer); });
    yield text ?? '\n';
    if (text !== undefined) return;
  }
}
