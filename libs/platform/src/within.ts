/** Whoever was asked is silent, and may have done it all the same. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

/** @throws what `work` throws; NoAnswer when it takes longer. It goes on then, and nobody hears of its end. */
export async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => { timer = setTimeout(() => { reject(new NoAnswer(`no answer within ${milliseconds / 1_000} s`)); }, milliseconds); });
  return Promise.race([work, late]).finally(() => { clearTimeout(timer); });
}
