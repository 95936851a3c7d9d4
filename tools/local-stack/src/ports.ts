import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { StackProblem } from './problem.js';

/** Below the range from which systems take ports for outgoing connections: nobody is given ours between looking and listening. */
const FIRST = 20_000;
const LAST = 31_999;

const handedOut = new Set<number>();

/**
 * A port on loopback that nothing listens on.
 * @param preferred taken when it is free, so that a stack keeps its addresses from one start to the next.
 */
export async function freePort(preferred?: number): Promise<number> {
  if (preferred !== undefined && (await isFree(preferred))) return preferred;
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = randomInt(FIRST, LAST + 1);
    if (handedOut.has(port) || !(await isFree(port))) continue;
    handedOut.add(port);
    return port;
  }
  throw new StackProblem(`No free port found between ${FIRST} and ${LAST}`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
