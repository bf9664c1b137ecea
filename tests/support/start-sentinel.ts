import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { findRedisServer } from '../../scripts/setup/find-redis-server.ts';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';
import { type RedisServer, startRedis } from './start-redis.ts';

export interface SentinelPair extends AsyncDisposable {
  readonly masterName: string;
  readonly sentinels: { readonly host: string; readonly port: number }[];
  /** The two servers; the first was the master at the start. */
  readonly servers: readonly [RedisServer, RedisServer];
  /** The port of the master, as the sentinels see it. */
  masterPort(): Promise<number>;
  stop(): Promise<void>;
}

const masterName = 'vagent';
const quorum = 2;

/**
 * Starts a master, a replica and three sentinels on loopback. The master takes writes only while the replica is
 * healthy (`min-replicas-to-write 1`). Resolves once the sentinels know of each other and of the replica.
 */
export async function startSentinelPair(): Promise<SentinelPair> {
  const stack = new AsyncDisposableStack();
  try {
    const args = [
      '--min-replicas-to-write',
      '1',
      '--min-replicas-max-lag',
      '1',
      '--repl-ping-replica-period',
      '1',
    ];
    const master = stack.use(await startRedis({ args: [...args, '--repl-diskless-sync-delay', '0'] }));
    const replicaOf = ['--replicaof', `127.0.0.1 ${master.port}`];
    const replica = stack.use(await startRedis({ args: [...args, ...replicaOf] }));
    const ports = [];
    for (let sentinel = 0; sentinel < 3; sentinel++) ports.push(await startSentinel(master.port, stack));
    const [port = 0] = ports;
    await eventually(() => isWatched(port), { withinMs: 20_000 });
    const owned = stack.move();
    const stop = () => owned.disposeAsync();
    return {
      masterName,
      sentinels: ports.map((sentinel) => ({ host: '127.0.0.1', port: sentinel })),
      servers: [master, replica],
      masterPort: () => ask(port, async (sentinel) => Number((await masterAddress(sentinel))?.[1])),
      stop,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

async function startSentinel(masterPort: number, stack: AsyncDisposableStack): Promise<number> {
  const program = await findRedisServer((line) => process.stderr.write(`${line}\n`));
  if (program === undefined) throw new Error('Tests need redis-server on PATH: apt-get install redis-server');
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'vagent-sentinel-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'sentinel.conf');
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${folder}`,
    `sentinel monitor ${masterName} 127.0.0.1 ${masterPort} ${quorum}`,
    `sentinel down-after-milliseconds ${masterName} 1000`,
    `sentinel failover-timeout ${masterName} 5000`,
  ];
  await writeFile(file, `${lines.join('\n')}\n`);
  const child = spawn(program, [file, '--sentinel'], { stdio: 'ignore' });
  stack.defer(() => end(child));
  await eventually(() => ask(port, (sentinel) => sentinel.ping()).catch(() => false), { withinMs: 15_000 });
  return port;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

async function masterAddress(sentinel: Redis): Promise<[host: string, port: string] | null> {
  // SENTINEL GET-MASTER-ADDR-BY-NAME replies with host and port, or with nil for a name that it does not know.
  return (await sentinel.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', masterName)) as [string, string] | null;
}

async function isWatched(port: number): Promise<boolean> {
  const [others, replicas] = await ask(port, (sentinel) =>
    Promise.all([
      sentinel.call('SENTINEL', 'SENTINELS', masterName),
      sentinel.call('SENTINEL', 'REPLICAS', masterName),
    ]),
  );
  return Array.isArray(others) && others.length === 2 && Array.isArray(replicas) && replicas.length === 1;
}

async function ask<T>(port: number, use: (sentinel: Redis) => Promise<T>): Promise<T> {
  const sentinel = new Redis(port, '127.0.0.1', { lazyConnect: true, retryStrategy: () => null });
  sentinel.on('error', () => undefined);
  try {
    await sentinel.connect();
    return await use(sentinel);
  } finally {
    sentinel.disconnect();
  }
}
