import { deltaChannelHistoryTests, specTest } from '@langchain/langgraph-checkpoint-validation';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { RedisSaver } from '#checkpoint/redis-saver';
import { uniquePrefix } from '../support/unique-prefix.ts';

// The official suite takes its test functions from the global scope.
Object.assign(globalThis, { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it });

let redis: Redis;
beforeAll(() => {
  redis = new Redis(inject('redisUrl'));
});
afterAll(() => redis.quit());

for (const cacheEntries of [256, 0]) {
  const initializer = {
    checkpointerName: `RedisSaver with ${cacheEntries} cache entries`,
    createCheckpointer: () => {
      const prefix = uniquePrefix('validation');
      const keyOf = (threadId: string) => `${prefix}:{3}:thread:${threadId}`;
      return new RedisSaver({ redis, keyOf, threadsKey: `${prefix}:{3}:threads`, cacheEntries });
    },
  };
  specTest(initializer);
  deltaChannelHistoryTests(initializer);
}
