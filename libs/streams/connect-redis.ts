import { Cluster, Redis } from 'ioredis';
import type { RedisAddress, RedisConnection } from '#runtime/redis-settings';
import { joinWrites } from './join-writes.ts';
import type { RedisClient } from './redis-client.ts';

const reconnectErrors = /^(READONLY|UNBLOCKED|LOADING|MASTERDOWN)/;

/**
 * Opens a connection that comes back by itself: retries for ever with a bounded wait, leaves a master that has
 * become a replica, and gives up on a silent peer (`watchdogMs` without an answer while something is asked).
 *
 * Commands fail after `maxRetriesPerRequest` reconnects, except on blocking connections, which wait.
 */
export function connectRedis(
  connection: RedisConnection,
  options: { name: string; blocking?: boolean; watchdogMs?: number; onError: (error: Error) => void },
): RedisClient {
  const client = open(connection, commonOptions(options));
  client.on('error', options.onError);
  joinWrites(client);
  return client;
}

function commonOptions(options: { name: string; blocking?: boolean; watchdogMs?: number }) {
  return {
    connectionName: options.name,
    // CLIENT SETINFO tells Redis which library we use; users of least privilege may not, and each try would be logged.
    disableClientInfo: true,
    connectTimeout: 5_000,
    keepAlive: 10_000,
    maxRetriesPerRequest: options.blocking === true ? null : 3,
    retryStrategy: (times: number) =>
      Math.min(50 * 2 ** Math.min(times, 6), 2_000) * (0.75 + Math.random() / 2),
    // Reconnects, but does not send the command again: a server that stays read-only would be asked for ever.
    reconnectOnError: (error: Error): false | 1 => (reconnectErrors.test(error.message) ? 1 : false),
    socketTimeout: options.watchdogMs ?? 10_000,
  };
}

function open(connection: RedisConnection, common: ReturnType<typeof commonOptions>): RedisClient {
  const { username, password } = connection;
  const access = {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(connection.tls ? { tls: {} } : {}),
  };
  switch (connection.form) {
    case 'single':
      return new Redis({ ...common, ...access, ...connection.address, db: connection.database });
    case 'sentinel': {
      const sentinels = connection.sentinels.map(toHostAndPort);
      // Without these, TLS would end at the sentinels, and one that hangs would be waited for for ever.
      const tls = connection.tls ? { sentinelTLS: {}, enableTLSForSentinelMode: true } : {};
      const ask = { sentinels, name: connection.masterName, sentinelCommandTimeout: 2_000 };
      return new Redis({ ...common, ...access, ...tls, ...ask });
    }
    case 'cluster': {
      const { retryStrategy: _, ...perNode } = common;
      const redisOptions = { ...perNode, ...access };
      const clusterRetryStrategy = (times: number) => Math.min(100 * times, 2_000);
      return new Cluster(connection.nodes.map(toHostAndPort), { redisOptions, clusterRetryStrategy });
    }
    default:
      return connection satisfies never;
  }
}

function toHostAndPort({ host, port }: RedisAddress): { host: string; port: number } {
  return { host, port };
}
