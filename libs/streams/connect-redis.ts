import { Cluster, Redis } from 'ioredis';
import type { RedisClient } from './redis-client.ts';

export type RedisSettings =
  | { readonly kind: 'standalone'; readonly url: string }
  | {
      readonly kind: 'sentinel';
      readonly sentinels: readonly Address[];
      readonly master: string;
      readonly password?: string | undefined;
    }
  | { readonly kind: 'cluster'; readonly nodes: readonly Address[]; readonly password?: string | undefined };

export interface Address {
  readonly host: string;
  readonly port: number;
}

const reconnectErrors = /^(READONLY|UNBLOCKED|LOADING|MASTERDOWN)/;

/**
 * Opens a connection that comes back by itself: retries for ever with a bounded wait, leaves a master that has
 * become a replica, and gives up on a silent peer (`watchdogMs` without an answer while something is asked).
 *
 * Commands fail after `maxRetriesPerRequest` reconnects, except on blocking connections, which wait.
 */
export function connectRedis(
  settings: RedisSettings,
  options: { name: string; blocking?: boolean; watchdogMs?: number; onError: (error: Error) => void },
): RedisClient {
  const client = open(settings, commonOptions(options));
  client.on('error', options.onError);
  return client;
}

function commonOptions(options: { name: string; blocking?: boolean; watchdogMs?: number }) {
  return {
    connectionName: options.name,
    connectTimeout: 5_000,
    keepAlive: 10_000,
    maxRetriesPerRequest: options.blocking === true ? null : 3,
    retryStrategy: (times: number) =>
      Math.min(50 * 2 ** Math.min(times, 6), 2_000) * (0.75 + Math.random() / 2),
    reconnectOnError: (error: Error): false | 2 => (reconnectErrors.test(error.message) ? 2 : false),
    socketTimeout: options.watchdogMs ?? 10_000,
  };
}

function open(settings: RedisSettings, common: ReturnType<typeof commonOptions>): RedisClient {
  switch (settings.kind) {
    case 'standalone':
      return new Redis(settings.url, common);
    case 'sentinel':
      return new Redis({
        ...common,
        sentinels: settings.sentinels.map(({ host, port }) => ({ host, port })),
        name: settings.master,
        ...(settings.password === undefined ? {} : { password: settings.password }),
      });
    case 'cluster': {
      const { retryStrategy: _, ...redisOptions } = common;
      return new Cluster([...settings.nodes], {
        redisOptions: {
          ...redisOptions,
          ...(settings.password === undefined ? {} : { password: settings.password }),
        },
        clusterRetryStrategy: (times) => Math.min(100 * times, 2_000),
      });
    }
    default:
      return settings satisfies never;
  }
}
