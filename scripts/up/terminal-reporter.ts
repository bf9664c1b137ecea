import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { Paint } from '../cli/paint.ts';
import type { Reporter } from './reporter.ts';

export interface TerminalReporter extends Reporter, Disposable {
  /** From now on news go there instead of under each other onto the terminal; undefined ends that. */
  divertTo(sink: ((message: string) => void) | undefined): void;
}

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** For people: one line for each step, with a moving sign while it runs. Lines of services go to a file each. */
export function createTerminalReporter(
  output: { write(text: string): unknown },
  logFolder: string,
  paint: Paint,
): TerminalReporter {
  mkdirSync(logFolder, { recursive: true, mode: 0o700 });
  const files = new Map<string, number>();
  let sink: ((message: string) => void) | undefined;
  let spinner: NodeJS.Timeout | undefined;

  const clear = (): void => {
    clearInterval(spinner);
    if (spinner !== undefined) output.write('\r\u001b[2K');
    spinner = undefined;
  };
  const print = (message: string): void => {
    clear();
    if (sink === undefined) output.write(`${message}\n`);
    else sink(stripVTControlCharacters(message).replace(/^ . /, ''));
  };
  const fileOf = (service: string): number => {
    const known = files.get(service);
    if (known !== undefined) return known;
    const opened = openSync(join(logFolder, `${service}.log`), 'w', 0o600);
    files.set(service, opened);
    return opened;
  };

  return {
    begin: (what) => {
      clear();
      const startedAt = performance.now();
      let frame = 0;
      spinner = setInterval(() => {
        output.write(`\r\u001b[2K ${paint('cyan', frames[frame++ % frames.length] ?? '')} ${what} …`);
      }, 80).unref();
      return (outcome) => {
        const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
        print(` ${paint('green', '✓')} ${what.padEnd(11)} ${outcome} ${paint('dim', `${seconds} s`)}`);
      };
    },
    info: (message) => print(` ${paint('dim', '·')} ${message}`),
    warn: (message) => print(` ${paint('yellow', '!')} ${message}`),
    serviceLine: (service, line) => writeSync(fileOf(service), `${line}\n`),
    divertTo: (next) => {
      clear();
      sink = next;
    },
    [Symbol.dispose]: () => {
      clear();
      for (const file of files.values()) closeSync(file);
      files.clear();
    },
  };
}
