import { writeSync } from 'node:fs';
import process from 'node:process';
import type { Logger } from 'pino';
import { createLog } from './create-log.ts';
import { watchParent } from './watch-parent.ts';

export interface Service {
  /**
   * Resolves once the service works. `signal` is aborted when it has to stop reading. A promise of a loop that is
   * kept for `stop` needs no guard: if it rejects before, the process logs the reason, stops and exits with 1.
   */
  start(signal: AbortSignal): Promise<void>;
  /** Drains and lets go of everything. Also called when `start` failed half way. */
  stop(): Promise<void>;
  /** Names what has not ended yet; logged when the time to stop is over. */
  running?(): readonly string[];
  readonly log?: Logger;
}

export interface RunOptions {
  /** Time from the first signal to a forced exit, default 25 s: below the 30 s that orchestrators grant. */
  readonly graceMs?: number;
}

/** A terminal signals the whole process group and npm and our supervisor pass it on: that is one request. */
const sameRequestMs = 500;
/** EX_CONFIG of sysexits.h: tells a supervisor that starting again will not help. */
const configExitCode = 78;

/**
 * Runs a service as this process: creates it, starts it, and stops it on SIGTERM, SIGINT, SIGHUP or when the parent
 * is gone. Exit codes: 0 stopped in time; 1 an error, forced by a second signal, or not stopped within `graceMs`;
 * 78 an error with `retryable: false` while it starts (`ConfigError` is one), which is printed plainly. `create` reads
 * the environment, so that its errors are told well.
 */
export async function runService(
  name: string,
  create: () => Service | Promise<Service>,
  options: RunOptions = {},
): Promise<void> {
  const run = new Run(name, options.graceMs ?? 25_000);
  try {
    run.watch();
    run.service = await create();
    run.announceFailpoints();
    await run.service.start(run.root.signal);
    run.isStarted = true;
    if (!run.root.signal.aborted) run.log.info({ pid: process.pid }, 'Started');
  } catch (error) {
    // A start that was told to stop may well reject: no failure.
    if (run.root.signal.aborted) return;
    if (isFinal(error)) exitWithConfigError(name, error);
    else run.fail(error, 'Could not start');
  } finally {
    run.settleStart();
  }
}

class Run {
  readonly root = new AbortController();
  readonly name: string;
  readonly graceMs: number;
  service: Service | undefined;
  isStarted = false;
  #ownLog: Logger | undefined;
  #stopAskedAt: number | undefined;
  #exitCode = 0;
  #startSettled = Promise.withResolvers<void>();

  constructor(name: string, graceMs: number) {
    this.name = name;
    this.graceMs = graceMs;
  }

  get log(): Logger {
    if (this.service?.log !== undefined) return this.service.log;
    this.#ownLog ??= createLog({ service: this.name });
    return this.#ownLog;
  }

  settleStart(): void {
    this.#startSettled.resolve();
  }

  watch(): void {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => this.ask(signal));
    process.on('uncaughtException', (error) => this.fail(error, 'Uncaught exception'));
    process.on('unhandledRejection', (error) => this.fail(error, 'Unhandled rejection'));
    process.on('beforeExit', () => this.fail(new Error('Nothing is left to wait for'), 'Ended by itself'));
    watchParent(process.env, () => this.ask('the end of the parent process'));
  }

  announceFailpoints(): void {
    const failpoints = process.env['FAILPOINT'];
    if (failpoints) this.log.warn({ failpoints }, 'FAILPOINT is set: this process fails on purpose');
  }

  ask(reason: string): void {
    const now = performance.now();
    if (this.#stopAskedAt === undefined) {
      this.#stopAskedAt = now;
      this.log.info({ reason, graceMs: this.graceMs }, 'Stopping: reads nothing new, finishes what runs');
      void this.#stop();
    } else if (now - this.#stopAskedAt > sameRequestMs) {
      this.#force({ reason }, 'Asked again to stop: exits at once');
    }
  }

  fail(error: unknown, message: string): void {
    this.log.fatal({ err: error }, message);
    this.#exitCode = 1;
    if (this.#stopAskedAt !== undefined) return;
    this.#stopAskedAt = performance.now();
    void this.#stop();
  }

  async #stop(): Promise<void> {
    const grace = setTimeout(
      () => this.#force({ graceMs: this.graceMs }, 'Did not stop in time: exits at once'),
      this.graceMs,
    );
    this.root.abort(new Error(`Service ${this.name} is stopping`));
    try {
      await this.#startSettled.promise;
      await this.service?.stop();
    } catch (error) {
      this.log.fatal({ err: error }, 'Could not stop cleanly');
      this.#exitCode = 1;
    }
    clearTimeout(grace);
    this.log.info({ exitCode: this.#exitCode }, 'Stopped');
    process.exit(this.#exitCode);
  }

  #force(details: object, message: string): never {
    let running: readonly string[] = [];
    try {
      running = this.service?.running?.() ?? [];
    } catch (error) {
      this.log.error({ err: error }, 'Cannot tell what is still running');
    }
    const starting = this.isStarted ? [] : ['start'];
    this.log.fatal({ ...details, running: [...starting, ...running], resources: openResources() }, message);
    process.exit(1);
  }
}

/** What keeps the event loop alive, counted by kind, e.g. `{ TCPSocketWrap: 2, Timeout: 1 }`. */
function openResources(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

/** What somebody has to mend before another start can succeed: the message says what, where and how. */
function isFinal(error: unknown): error is Error {
  return error instanceof Error && 'retryable' in error && error.retryable === false;
}

function exitWithConfigError(name: string, error: Error): void {
  try {
    writeSync(2, `${name} cannot start. ${error.message}\n`);
  } finally {
    process.exit(configExitCode);
  }
}
