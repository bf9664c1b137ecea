import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { createBackoff } from './backoff.ts';
import { endProcess } from './end-process.ts';
import type { Reporter } from './reporter.ts';
import type { PlannedService } from './service-plan.ts';

/** EX_CONFIG of sysexits.h: starting again will not help. */
const configExitCode = 78;
/** The services give themselves 25 s. */
const graceMs = 27_000;

/** One service as a process of its own, started again with growing waits when it ends by itself. */
export class ChildService {
  readonly plan: PlannedService;
  readonly #reporter: Reporter;
  readonly #onRefused: (message: string) => void;
  readonly #stopping = new AbortController();
  readonly #backoff = createBackoff();
  /** What it wrote to stderr last. */
  #lastWords: string[] = [];
  #child: ChildProcess | undefined;

  /** @param onRefused told what the service says when it cannot work with its configuration. */
  constructor(plan: PlannedService, reporter: Reporter, onRefused: (message: string) => void) {
    this.plan = plan;
    this.#reporter = reporter;
    this.#onRefused = onRefused;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  start(): void {
    const startedAt = performance.now();
    this.#lastWords = [];
    const flags = ['--disable-warning=ExperimentalWarning', '--disable-warning=DEP0060'];
    const child = spawn(process.execPath, [...flags, this.plan.program], {
      env: this.plan.environment,
      // In a process group of its own: Ctrl-C in the terminal is for us, and we stop everything in order.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    createInterface({ input: child.stdout }).on('line', (line) => this.#hear(line));
    createInterface({ input: child.stderr }).on('line', (line) => {
      this.#lastWords = [...this.#lastWords, line].slice(-20);
      this.#hear(line);
    });
    child.on('error', (error) =>
      this.#reporter.warn(`${this.plan.name} cannot be started: ${error.message}`),
    );
    child.on('close', (code, signal) => {
      if (!this.#stopping.signal.aborted) void this.#onEnd(code, signal, performance.now() - startedAt);
    });
  }

  /** Resolves when the process is gone, killed after its grace. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    if (this.#child === undefined) return;
    const how = await endProcess(this.#child, graceMs);
    if (how === 'killed')
      this.#reporter.warn(`${this.plan.name} did not stop in ${graceMs / 1000} s and was killed`);
  }

  kill(): void {
    this.#stopping.abort();
    this.#child?.kill('SIGKILL');
  }

  #hear(line: string): void {
    this.#reporter.serviceLine(this.plan.name, line);
  }

  async #onEnd(code: number | null, signal: NodeJS.Signals | null, ranMs: number): Promise<void> {
    if (code === configExitCode) return this.#onRefused(this.#lastWords.join('\n'));
    const waitMs = this.#backoff.next(ranMs);
    const how = signal === null ? `with exit code ${code}` : `by ${signal}`;
    const details = { from: this.plan.name, code, signal, waitMs };
    this.#reporter.warn(`${this.plan.name} ended ${how}; starts again in ${waitMs / 1000} s`, details);
    await sleep(waitMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
    if (!this.#stopping.signal.aborted) this.start();
  }
}
