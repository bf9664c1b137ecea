import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { eventually } from '../support/eventually.ts';

/** A fixture process under test, with all that it wrote. Disposing of it kills it. */
export class RuntimeProcess implements AsyncDisposable {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';
  readonly #ended: Promise<unknown>;
  #isOver = false;

  constructor(file: 'runtime-service.ts' | 'runtime-launcher.ts', env: Readonly<Record<string, string>>) {
    const path = fileURLToPath(new URL(file, import.meta.url));
    this.child = spawn(process.execPath, [path], { env: { PATH: process.env['PATH'], ...env } });
    this.child.stdout?.on('data', (chunk: Buffer) => {
      this.stdout += chunk;
    });
    this.child.stderr?.on('data', (chunk: Buffer) => {
      this.stderr += chunk;
    });
    this.#ended = once(this.child, 'close').finally(() => {
      this.#isOver = true;
    });
  }

  /** Waits until a line of stdout contains the text and returns that line. */
  async says(text: string): Promise<string> {
    const line = () => this.stdout.split('\n').find((candidate) => candidate.includes(text));
    await eventually(() => this.#isOver || line(), { what: `"${text}"` });
    const found = line();
    if (found === undefined) throw new Error(`Ended without saying "${text}":\n${this.stdout}${this.stderr}`);
    return found;
  }

  /** The lines of the log so far. */
  log(): Record<string, unknown>[] {
    const lines = this.stdout.split('\n').filter((line) => line.startsWith('{'));
    return lines.map((line) => JSON.parse(line));
  }

  /** Waits for the end of the process and of its output; returns its exit code, or the signal that ended it. */
  async end(): Promise<number | string | null> {
    await this.#ended;
    return this.child.exitCode ?? this.child.signalCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill('SIGKILL');
    await this.#ended;
  }
}
