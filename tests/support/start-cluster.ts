import { Redis } from 'ioredis';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';
import { type RedisServer, startRedis } from './start-redis.ts';

export interface RedisCluster extends AsyncDisposable {
  readonly nodes: { readonly host: string; readonly port: number }[];
  stop(): Promise<void>;
}

const slots = [
  ['0', '5460'],
  ['5461', '10922'],
  ['10923', '16383'],
] as const;

/** Starts a Redis Cluster of three masters on loopback; resolves once each of them sees all slots served. */
export async function startCluster(): Promise<RedisCluster> {
  const servers: RedisServer[] = [];
  const stop = async () => {
    await Promise.all(servers.splice(0).map((server) => server.stop()));
  };
  try {
    for (const range of slots) servers.push(await startMaster(range));
    await introduce(servers);
  } catch (error) {
    await stop();
    throw error;
  }
  const nodes = servers.map(({ port }) => ({ host: '127.0.0.1', port }));
  return { nodes, stop, [Symbol.asyncDispose]: stop };
}

async function startMaster([from, to]: readonly [string, string]): Promise<RedisServer> {
  // The bus listens on port + 10000 by default, which may lie beyond the last port: it gets a free one of its own.
  const args = ['--cluster-enabled', 'yes', '--cluster-port', String(await freePort())];
  const server = await startRedis({ args: [...args, '--cluster-node-timeout', '2000'] });
  await withConnection(server.port, (redis) => redis.call('CLUSTER', 'ADDSLOTSRANGE', from, to));
  return server;
}

async function introduce(servers: readonly RedisServer[]): Promise<void> {
  const [first, ...others] = servers;
  if (first === undefined) return;
  await withConnection(first.port, async (redis) => {
    for (const other of others) {
      await redis.call('CLUSTER', 'MEET', '127.0.0.1', String(other.port), String(await busPortOf(other)));
    }
  });
  await Promise.all(servers.map((server) => eventually(() => isComplete(server), { withinMs: 20_000 })));
}

async function busPortOf(server: RedisServer): Promise<number> {
  const reply = await withConnection(server.port, (redis) => redis.config('GET', 'cluster-port'));
  return Number(Array.isArray(reply) ? reply[1] : Object.values(Object(reply))[0]);
}

async function isComplete(server: RedisServer): Promise<boolean> {
  const info = await withConnection(server.port, (redis) => redis.call('CLUSTER', 'INFO'));
  const text = String(info);
  return text.includes('cluster_state:ok') && text.includes('cluster_known_nodes:3');
}

async function withConnection<T>(port: number, use: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(port, '127.0.0.1', { lazyConnect: true });
  try {
    await redis.connect();
    return await use(redis);
  } finally {
    redis.disconnect();
  }
}
