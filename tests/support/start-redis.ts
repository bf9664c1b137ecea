import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findRedisServer } from '../../scripts/setup/find-redis-server.ts';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';

export interface RedisServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Of the process that runs. @throws where none does: its number may be another's by now. */
  readonly pid: () => number;
  /** `kill -9`, then waits until the process is gone; the data directory stays. */
  kill(): Promise<void>;
  /** Starts again on the same port and data directory. */
  start(): Promise<void>;
  /** Ends the process and removes its data. */
  stop(): Promise<void>;
}

const mostPorts = 5;

/**
 * Starts a redis-server of our own on loopback: a free port, an own folder, AOF with `appendfsync always`. Where somebody
 * takes the port in between, it takes another.
 */
export async function startRedis(options: { args?: string[]; port?: number } = {}): Promise<RedisServer> {
  const program = await findRedisServer((line) => process.stderr.write(`${line}\n`));
  if (program === undefined) throw new Error('Tests need redis-server on PATH: apt-get install redis-server');
  const folder = await mkdtemp(join(tmpdir(), 'vagent-redis-'));
  const fixed = ['--bind', '127.0.0.1', '--dir', folder, '--save', '', '--logfile', ''];
  const args = [...fixed, '--appendonly', 'yes', '--appendfsync', 'always', ...(options.args ?? [])];
  let port = options.port ?? (await freePort());
  let child: ChildProcess | undefined;

  const start = async (): Promise<void> => {
    child = spawn(program, ['--port', String(port), ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    try {
      await untilReady(child);
    } catch (error) {
      await end();
      throw error;
    }
  };
  /** The port is to be the same: whoever has it may be on its way out. */
  const startHere = async (): Promise<void> => {
    await eventually(() => start().then(() => true), { withinMs: 15_000, everyMs: 200 });
  };
  const startAnywhere = async (): Promise<void> => {
    for (let tries = 1; ; tries += 1) {
      try {
        return await start();
      } catch (error) {
        if (!(error instanceof PortTakenError) || tries === mostPorts) throw error;
        port = await freePort();
      }
    }
  };
  const end = async (): Promise<void> => {
    const running = child;
    child = undefined;
    if (running === undefined || !isRunning(running)) return;
    const exited = once(running, 'exit');
    running.kill('SIGCONT');
    running.kill('SIGKILL');
    await exited;
  };
  const stop = async (): Promise<void> => {
    await end();
    await rm(folder, { recursive: true, force: true });
  };

  try {
    await (options.port === undefined ? startAnywhere() : startHere());
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    pid: () => {
      if (child?.pid === undefined || !isRunning(child)) throw new Error('This Redis does not run');
      return child.pid;
    },
    kill: end,
    start: startHere,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

class PortTakenError extends Error {}

/** Whoever else may answer at its port: this very process says that it takes connections. */
async function untilReady(child: ChildProcess): Promise<void> {
  let said = '';
  let isReady = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      if (!isReady) said = `${said}${text}`.slice(-4_000);
      isReady ||= said.includes('Ready to accept connections');
    });
  }
  // The last words of a process that ends come before its end is told.
  const closed = once(child, 'close');
  closed.catch(() => undefined);
  await eventually(() => isReady || !isRunning(child), { withinMs: 15_000, what: 'Redis takes connections' });
  if (isReady) return;
  await closed;
  const message = `Redis ended before it was ready:\n${said}`;
  throw /bind: Address already in use|Failed listening on port/.test(said)
    ? new PortTakenError(message)
    : new Error(message);
}

function isRunning({ pid, exitCode, signalCode }: ChildProcess): boolean {
  return pid !== undefined && exitCode === null && signalCode === null;
}
