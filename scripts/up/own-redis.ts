import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { CommandError } from '../cli/errors.ts';
import { createBackoff } from './backoff.ts';
import { endProcess } from './end-process.ts';
import { freePort } from './free-port.ts';
import { pingRedis } from './ping-redis.ts';
import type { Reporter } from './reporter.ts';
import { readState, writeState } from './state-folder.ts';
import { type LoopbackRedis, withRedis } from './with-redis.ts';

/** How to run the server: the program itself, or Docker. `dir` is the data folder as the server sees it. */
export interface RedisProgram {
  readonly name: string;
  readonly dir: (folder: string) => string;
  readonly command: (folder: string, port: number) => readonly [string, ...string[]];
  /** The address and port that it listens on by its own lights. */
  readonly listen: (port: number) => { bind: string; port: number };
}

const stateName = 'server.json';
const serverState = z.object({ port: z.int(), password: z.string() });
const startMs = 60_000;
/** As often as somebody else may take its port between choosing it and listening on it. */
const mostPorts = 5;
const portTaken = /address already in use|port is already allocated|failed listening on port/i;

/**
 * A Redis of our own: on loopback, with a password, every write on disk before it is answered, data kept in
 * `folder`. Starts again when it ends by itself.
 */
export class OwnRedis {
  readonly #program: RedisProgram;
  readonly #folder: string;
  readonly #reporter: Reporter;
  readonly #stopping = new AbortController();
  readonly #backoff = createBackoff();
  /** What it wrote last, for the message when it does not start. */
  #lastLines: string[] = [];
  #child: ChildProcess | undefined;
  #server: LoopbackRedis | undefined;
  #isUp = false;

  constructor(program: RedisProgram, folder: string, reporter: Reporter) {
    this.#program = program;
    this.#folder = folder;
    this.#reporter = reporter;
  }

  get url(): string {
    const { port, password } = this.#server ?? { port: 0, password: '' };
    return `redis://:${password}@127.0.0.1:${port}`;
  }

  get port(): number {
    return this.#server?.port ?? 0;
  }

  /**
   * @throws {CommandError} with the last lines of its log, when it does not come up; the reason of `signal` when that is
   * aborted before. Then, too, `stop` ends what was begun.
   */
  async start(signal: AbortSignal): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const before = await readState(this.#folder, stateName, serverState);
    if (before !== undefined) await this.#endLeftover(before);
    const password = before?.password ?? randomBytes(24).toString('base64url');
    for (let tries = 1; ; tries++) {
      this.#server = { port: await freePort(), password };
      await this.#writeConfig(this.#server);
      await writeState(this.#folder, stateName, this.#server);
      signal.throwIfAborted();
      this.#lastLines = [];
      this.#isUp = await this.#untilItAnswers(this.#spawn(), this.#server, signal);
      if (this.#isUp) return;
      const said = this.#lastLines.join('\n');
      if (tries === mostPorts || !portTaken.test(said))
        throw new CommandError(`${this.#program.name} does not start:\n${said}`);
    }
  }

  /** Lets it write everything down and waits until it is gone. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    if (this.#child !== undefined) await endProcess(this.#child, 10_000);
  }

  /** Asks it to end, and does not wait: what was answered is on disk already. */
  kill(): void {
    this.#stopping.abort();
    this.#child?.kill('SIGTERM');
  }

  /** A run that was killed leaves its server behind, on our data. */
  async #endLeftover(server: LoopbackRedis): Promise<void> {
    if (!(await pingRedis(server))) return;
    const isOurs = await withRedis(server, async (redis) => {
      const [, dir] = (await redis.call('CONFIG', 'GET', 'dir')) as string[];
      return dir === this.#program.dir(this.#folder);
    });
    if (!isOurs) return;
    this.#reporter.info('Ends the Redis that an earlier run has left behind; its data stays');
    // The server closes the connection instead of answering.
    await withRedis(server, (redis) => redis.call('SHUTDOWN', 'NOSAVE')).catch(() => undefined);
    const deadline = performance.now() + 10_000;
    while (await pingRedis(server)) {
      if (performance.now() > deadline)
        throw new CommandError(`The Redis on port ${server.port} does not end: stop it, then start again`);
      await sleep(50);
    }
  }

  async #writeConfig({ port, password }: LoopbackRedis): Promise<void> {
    const listen = this.#program.listen(port);
    const lines = [
      `port ${listen.port}`,
      `bind ${listen.bind}`,
      `requirepass ${password}`,
      `dir "${this.#program.dir(this.#folder).replaceAll(/["\\]/g, '\\$&')}"`,
      'appendonly yes',
      'appendfsync always',
      'save ""',
      'maxmemory-policy noeviction',
      'daemonize no',
    ];
    await writeFile(join(this.#folder, 'redis.conf'), `${lines.join('\n')}\n`, { mode: 0o600 });
  }

  #spawn(): ChildProcess {
    const [command, ...args] = this.#program.command(this.#folder, this.port);
    const startedAt = performance.now();
    // In a process group of its own: Ctrl-C in the terminal is for us, and Redis ends last.
    const child = spawn(command, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#hear(text);
      });
    }
    child.on('error', (error) => this.#reporter.warn(`Redis: ${error.message}`));
    child.on('exit', (code, signal) => {
      if (this.#stopping.signal.aborted || !this.#isUp) return;
      void this.#restart(`${code ?? signal}`, performance.now() - startedAt);
    });
    return child;
  }

  #hear(text: string): void {
    const lines = text.split('\n').filter((line) => line !== '');
    this.#lastLines = [...this.#lastLines, ...lines].slice(-15);
    for (const line of lines) this.#reporter.serviceLine('redis', line);
  }

  async #restart(code: string, ranMs: number): Promise<void> {
    const waitMs = this.#backoff.next(ranMs);
    this.#reporter.warn(`Redis ended by itself (${code}), starts again in ${waitMs} ms`);
    await sleep(waitMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
    if (!this.#stopping.signal.aborted) this.#spawn();
  }

  /** False where it has ended, or was ended because it took too long. */
  async #untilItAnswers(child: ChildProcess, server: LoopbackRedis, signal: AbortSignal): Promise<boolean> {
    const closed = once(child, 'close').then(
      () => true,
      () => true,
    );
    const deadline = performance.now() + startMs;
    while (!(await pingRedis(server))) {
      const hasEnded = await Promise.race([closed, sleep(20, false)]);
      signal.throwIfAborted();
      if (hasEnded) return false;
      if (performance.now() < deadline) continue;
      await endProcess(child, 10_000);
      return false;
    }
    return true;
  }
}
