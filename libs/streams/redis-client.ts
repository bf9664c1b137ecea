import type { Cluster, Redis } from 'ioredis';

/** A connection to one Redis, to a Sentinel master or to a Cluster: the same commands on each. */
export type RedisClient = Redis | Cluster;
