import type { RedisUser } from './redis-user.ts';

/**
 * What every connection does. INFO is how a service learns that this Redis can keep the promise; CLUSTER SLOTS,
 * READONLY and ASKING are a Cluster's. EVAL only helps EVALSHA after a restart or a failover: a script runs with
 * the rights of its caller, so that it opens nothing, and SCRIPT LOAD would allow the same.
 */
const connection = [
  'ping',
  'select',
  'info',
  'client|setname',
  'client|id',
  'cluster|slots',
  'readonly',
  'asking',
  'time',
  'evalsha',
  'eval',
  'script|load',
];

const strings = ['get', 'set', 'exists', 'type', 'pexpire', 'pttl', 'del'];
const hashes = ['hget', 'hset', 'hsetnx', 'hmget', 'hgetall', 'hdel', 'hexists', 'hlen', 'hincrby'];
const publishing = ['xadd', 'xrange'];
const streams = [
  ...publishing,
  'xread',
  'xreadgroup',
  'xack',
  'xclaim',
  'xautoclaim',
  'xpending',
  'xinfo|groups',
  // How many dead letters there are, for metrics.
  'xlen',
  'xgroup|create',
  'xtrim',
  'hscan',
  'hvals',
  'zadd',
  'zrem',
  'zrange',
  'zremrangebyscore',
  // Wakes our own blocked read when a partition has moved: without it, that takes a second.
  'client|unblock',
];
const transactions = ['multi', 'exec', 'discard'];
const lists = ['rpush', 'lpop', 'llen', 'lrange', 'ltrim', 'lrem'];
const looking = [
  'xlen',
  'xread',
  'xrevrange',
  'xinfo|groups',
  'xinfo|stream',
  'xpending',
  'hvals',
  'hkeys',
  'hscan',
  'zrange',
  'zrevrange',
  'zcard',
  'zcount',
  'zscore',
  'llen',
  'lrange',
];

const common = [...connection, ...strings, ...hashes, ...publishing];

/** The commands of each user; everything else is refused, whatever category it belongs to. */
export const commandSets: Record<RedisUser, readonly string[]> = {
  // Encrypted events wait in a stream, and leave it when they are published. Sessions of lost rooms are looked for.
  ingress: [...common, ...lists, ...looking, 'hkeys', 'zscan', 'xdel', 'client|unblock'],
  worker: [
    ...common,
    ...streams,
    ...transactions,
    ...lists,
    // Checkpoints, memories, budgets, flags.
    'mget',
    'persist',
    // What people take back is erased from the streams.
    'xrevrange',
    'xdel',
    'zcard',
    'zscore',
    'zlexcount',
    'zrangebylex',
    'zrevrangebylex',
    'zrevrange',
    'zpopmin',
    'sadd',
    'smembers',
  ],
  egress: [...common, ...streams, ...lists, 'xdel'],
  clock: [
    ...common,
    ...streams,
    ...transactions,
    ...lists,
    // BullMQ's scripts, and its blocking read.
    'bzpopmin',
    'hmset',
    'incr',
    'incrby',
    'lindex',
    'lpos',
    'lpush',
    'lset',
    'pexpireat',
    'rename',
    'rpop',
    'rpoplpush',
    'sadd',
    'scard',
    'sismember',
    'smembers',
    'srem',
    'unlink',
    'xdel',
    'xlen',
    'zcard',
    'zcount',
    'zlexcount',
    'zpopmin',
    'zrangebylex',
    'zrangebyscore',
    'zremrangebyrank',
    'zrevrange',
    'zrevrangebyscore',
    'zscore',
  ],
  gateway: [...common, ...transactions, ...looking, ...lists, 'getdel', 'getex', 'xdel', 'client|unblock'],
  operator: [
    ...common,
    ...transactions,
    ...looking,
    'xdel',
    // Of the memories of a person who is to be forgotten.
    'mget',
    'persist',
    'smembers',
    'zadd',
    'zrem',
    'zrangebylex',
  ],
};
