import { Cluster } from 'ioredis';
import type { RedisClient } from './redis-client.ts';

/** Knows when the connection to Redis, or to one of a cluster's nodes, was lost last. */
export class Outages {
  readonly #redis: RedisClient;
  readonly #event: 'close' | 'node error';
  #lastAt = Number.NEGATIVE_INFINITY;

  constructor(redis: RedisClient) {
    this.#redis = redis;
    this.#event = redis instanceof Cluster ? 'node error' : 'close';
    redis.on(this.#event, this.#note);
  }

  /** Whether there was one at or after `at` of `performance.now()`. */
  since(at: number): boolean {
    return this.#lastAt >= at;
  }

  /** Listens no more. */
  end(): void {
    this.#redis.off(this.#event, this.#note);
  }

  readonly #note = (): void => {
    this.#lastAt = performance.now();
  };
}
