import { randomBytes } from 'node:crypto';

const DIGITS = 32;
const STOCK_BYTES = 4_096;

let stock = '';
let used = 0;

/** 16 random bytes in lower-case hexadecimal, for ids: asked of the system 256 at a time. */
export function randomHex(): string {
  if (used === stock.length) {
    stock = randomBytes(STOCK_BYTES).toString('hex');
    used = 0;
  }
  return stock.slice(used, (used += DIGITS));
}
