import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';

export type ServiceName = 'ingress' | 'worker' | 'egress' | 'clock' | 'gateway';
export type Environment = Readonly<Record<string, string>>;

/** How a process ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const keptLines = 400;

/** One replica of a service as a process of its own, which can be killed, frozen and started again. */
export class SystemProcess {
  readonly name: string;
  readonly service: ServiceName;
  readonly #env: Environment;
  #child: ChildProcess | undefined;
  #healthPort = 0;
  #lines: string[] = [];

  /** `name` is also its slot, e.g. `worker-2`. */
  constructor(name: string, service: ServiceName, env: Environment) {
    this.name = name;
    this.service = service;
    this.#env = env;
  }

  get isRunning(): boolean {
    const child = this.#child;
    return child !== undefined && child.exitCode === null && child.signalCode === null;
  }

  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error(`${this.name} was never started`);
    return pid;
  }

  /** Where it answers: a gateway everything, others about their health. A gateway keeps its address for all its lives. */
  get url(): string {
    return `http://127.0.0.1:${this.#healthPort}`;
  }

  /** The last lines that it wrote, of all its lives. */
  get log(): string {
    return this.#lines.map((line) => `${this.name} ${line}\n`).join('');
  }

  /** Starts it; `env` is for this life only. Does not wait until it is ready. */
  async start(env: Environment = {}): Promise<void> {
    if (this.isRunning) throw new Error(`${this.name} is running`);
    const isGateway = this.service === 'gateway';
    if (!isGateway || this.#healthPort === 0) this.#healthPort = await freePort();
    // Another release, where a test says so.
    const checkout = { ...this.#env, ...env }['CHECKOUT'] ?? fileURLToPath(new URL('../..', import.meta.url));
    const main = join(checkout, 'services', this.service, 'main.ts');
    const child = spawn(process.execPath, ['--disable-warning=DEP0060', main], {
      env: { ...this.#env, [isGateway ? 'GATEWAY_PORT' : 'HEALTH_PORT']: String(this.#healthPort), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => this.#keep(line));
    }
    this.#keep(`--- started as ${child.pid} ${JSON.stringify(env)}`);
    child.once('exit', (code, signal) => this.#keep(`--- ended with ${signal ?? code}`));
  }

  /** Resolves when it says that it can do its work; rejects when it ends before. */
  async ready(withinMs = 90_000): Promise<void> {
    const isReady = async (): Promise<boolean> => {
      if (!this.isRunning) return true;
      return (await this.#get('/ready'))?.ok === true;
    };
    await eventually(isReady, { withinMs, everyMs: 100, what: `${this.name} is ready` });
    if (!this.isRunning) throw new Error(`${this.name} ended before it was ready:\n${this.log}`);
  }

  /** Sends a signal, and waits until the process is gone where the signal ends it. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<Ending> {
    const child = this.#child;
    if (child === undefined || !this.isRunning) return this.ended();
    child.kill(signal);
    return this.ended();
  }

  /** Stops its threads (SIGSTOP): its connections stay open. */
  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  /** Resolves when the process has ended by itself or by a signal. */
  async ended(withinMs = 40_000): Promise<Ending> {
    const child = this.#child;
    if (child === undefined) throw new Error(`${this.name} was never started`);
    if (this.isRunning) {
      const signal = AbortSignal.timeout(withinMs);
      await once(child, 'exit', { signal }).catch((cause: unknown) => {
        throw new Error(`${this.name} did not end within ${withinMs} ms:\n${this.log}`, { cause });
      });
    }
    return { code: child.exitCode, signal: child.signalCode };
  }

  /** The value of a metric, summed over the label sets that contain all of `labels`. */
  async metric(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
    const response = await this.#get('/metrics');
    if (response === undefined) throw new Error(`${this.name} does not show its metrics`);
    const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
    return (await response.text())
      .split('\n')
      .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
      .filter((line) => wanted.every((label) => line.includes(label)))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
  }

  async #get(path: string): Promise<Response | undefined> {
    try {
      const signal = AbortSignal.timeout(3_000);
      return await fetch(`${this.url}${path}`, { signal });
    } catch {
      // It does not listen yet, or is frozen.
      return undefined;
    }
  }

  #keep(line: string): void {
    if (line.includes('"msg":"Not ready"')) return;
    this.#lines.push(shorten(line));
    if (this.#lines.length > 2 * keptLines) this.#lines = this.#lines.slice(-keptLines);
  }
}

/** A log line without what is the same in all of them, and without stacks but their first frames. */
function shorten(line: string): string {
  try {
    const { level, time, msg, service: _, err, ...rest }: Record<string, unknown> = JSON.parse(line);
    const error = typeof err === 'object' && err !== null && 'stack' in err ? String(err.stack) : '';
    const details = Object.keys(rest).length > 0 ? JSON.stringify(rest) : '';
    const frames = error.split('\n').slice(0, 4).join('\n      ');
    return [String(time).slice(11), level, msg, details, frames].filter(Boolean).join(' ');
  } catch {
    return line;
  }
}
