import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { findRedisServer } from '../../scripts/setup/find-redis-server.ts';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';

export interface RedisServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly pid: () => number;
  /** `kill -9`, then waits until the process is gone; the data directory stays. */
  kill(): Promise<void>;
  /** Starts again on the same port and data directory. */
  start(): Promise<void>;
  /** Ends the process and removes its data. */
  stop(): Promise<void>;
}

/** Starts a redis-server of our own on loopback: a free port, an own folder, AOF with `appendfsync always`. */
export async function startRedis(options: { args?: string[]; port?: number } = {}): Promise<RedisServer> {
  const program = await findRedisServer((line) => process.stderr.write(`${line}\n`));
  if (program === undefined) throw new Error('Tests need redis-server on PATH: apt-get install redis-server');
  const port = options.port ?? (await freePort());
  const folder = await mkdtemp(join(tmpdir(), 'vagent-redis-'));
  const fixed = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
  const args = [...fixed, '--appendonly', 'yes', '--appendfsync', 'always', ...(options.args ?? [])];
  let child: ChildProcess | undefined;

  const server: RedisServer = {
    url: `redis://127.0.0.1:${port}`,
    port,
    pid: () => child?.pid ?? 0,
    start: async () => {
      child = spawn(program, args, { stdio: 'ignore' });
      await eventually(() => answersPing(port), { withinMs: 15_000 });
    },
    kill: async () => end('SIGKILL'),
    stop: async () => {
      await end('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
    [Symbol.asyncDispose]: () => server.stop(),
  };

  async function end(signal: NodeJS.Signals): Promise<void> {
    const running = child;
    child = undefined;
    if (running === undefined || running.exitCode !== null) return;
    const exited = once(running, 'exit');
    running.kill('SIGCONT');
    running.kill(signal);
    await exited;
  }

  await server.start();
  return server;
}

async function answersPing(port: number): Promise<boolean> {
  const probe = new Redis(port, '127.0.0.1', { lazyConnect: true, retryStrategy: () => null });
  // One that lets nobody in without a password answers too.
  let isLocked = false;
  probe.on('error', ({ message }) => {
    isLocked ||= message.startsWith('NOAUTH');
  });
  try {
    await probe.connect();
    return (await probe.ping()) === 'PONG';
  } catch {
    return isLocked;
  } finally {
    probe.disconnect();
  }
}
