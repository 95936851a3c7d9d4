import { spawnSync } from 'node:child_process';
import type { World } from './world.js';

/** @throws Error when Redis refuses. */
export function redisCli({ stack }: World, ...command: string[]): void {
  const { status, stdout } = spawnSync('redis-cli', ['-u', stack.redis.url, ...command], { encoding: 'utf8' });
  if (status !== 0 || /^ERR/.test(stdout)) throw new Error(`redis-cli ${command[0]} failed`);
}
