/**
 * One unconditional core command of a save, as plain data: `command key ...args`. Every write of a plan may be run
 * again with the same result, so a save whose reply was lost can simply be repeated.
 */
export interface RedisWrite {
  readonly command: 'DEL' | 'ZREM' | 'ZREMRANGEBYSCORE' | 'HSETNX' | 'HSET' | 'HDEL' | 'ZADD' | 'PEXPIRE';
  readonly key: string;
  readonly args: readonly (string | Buffer)[];
}
