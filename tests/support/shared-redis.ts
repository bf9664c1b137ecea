import type {} from 'vitest';
import type { TestProject } from 'vitest/node';
import { startRedis } from './start-redis.ts';

declare module 'vitest' {
  interface ProvidedContext {
    redisUrl: string;
  }
}

/** One Redis for all test files of a run; each file takes its own key prefix (`uniquePrefix`). */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startRedis({ args: ['--appendfsync', 'everysec'] });
  project.provide('redisUrl', server.url);
  return () => server.stop();
}
