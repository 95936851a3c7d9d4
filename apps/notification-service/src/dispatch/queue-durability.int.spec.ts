import { describe, expect, it } from '@jest/globals';
import { testServers } from '@cahier/testing';
import { createClient } from 'redis';
import { weakSettings } from './queue-durability.js';

describe('a Redis for queues', () => {
  it('is one that evicts nothing and writes down everything, as the one of this run', async () => {
    const redis = createClient({ url: testServers().redisUrl });
    await redis.connect();
    const info = await redis.info();
    redis.destroy();
    expect(weakSettings(info)).toEqual([]);
    expect(weakSettings(info.replace('maxmemory_policy:noeviction', 'maxmemory_policy:allkeys-lru').replace('aof_enabled:1', 'aof_enabled:0'))).toEqual(['maxmemory_policy=allkeys-lru', 'aof_enabled=0']);
    expect(weakSettings('')).toHaveLength(2);
  });
});
