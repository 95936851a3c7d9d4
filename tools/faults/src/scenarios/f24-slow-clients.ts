import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from '../scenario.js';
import type { World } from '../world/world.js';

const CLIENTS = 200;
const GROWTH_MB = 64;

export const f24: Scenario<World> = {
  id: 'F24', title: 'Clients that dribble, go silent and go away in the middle', invariants: ['I3', 'I7'], load: { seconds: 10 },
  async run(world) {
    const intake = world.services['contribution-service'];
    const before = residentMb(intake.pid);
    const head = `POST /campaigns/${world.campaign?.campaignId}/contributions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 5000\r\nIdempotency-Key: `;
    const sockets: Socket[] = Array.from({ length: CLIENTS }, (_, n) => {
      const socket = connect(Number(new URL(intake.url).port), '127.0.0.1').on('error', () => undefined);
      if (n % 2 === 0) socket.write(`${head}aborted-in-the-middle-${n}\r\n\r\n{"kind":"propo`);
      else socket.write(head.slice(0, 20));
      return socket;
    });
    for (let n = 0; n < 20; n++, await sleep(250)) for (const [index, socket] of sockets.entries()) if (!socket.destroyed && index % 4 < 2) socket.write('x');
    for (const socket of sockets) socket.resetAndDestroy();
    const grown = residentMb(intake.pid) - before;
    if (grown > GROWTH_MB) throw new Error(`The intake grew by ${Math.round(grown)} MB`);
  },
};

function residentMb(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024;
}
