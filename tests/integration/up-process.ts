import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { eventually } from '../support/eventually.ts';
import { startCli } from './cli-process.ts';

type Line = Readonly<Record<string, unknown>>;

export interface UpProcess extends AsyncDisposable {
  readonly pid: number;
  /** The JSON lines that it and its services wrote so far. */
  readonly lines: readonly Line[];
  readonly stderr: () => string;
  /** The line that tells where to talk to it. */
  ready(): Promise<Line>;
  /** Nobody reads any more what it writes. Resolves when it is gone. */
  closeOutput(): Promise<void>;
  /** Signals it and resolves with the exit code, once it is gone. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** Starts `vagent up` without a terminal. */
export function startUp(env: Readonly<Record<string, string>>): UpProcess {
  const child = startCli(['up'], env);
  if (child.stdout === null || child.stderr === null) throw new Error('The process has no output');
  const lines: Line[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(JSON.parse(line)));
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const gone = once(child, 'close');
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await gone;
    return child.exitCode;
  };
  return {
    pid: child.pid ?? 0,
    lines,
    stderr: () => stderr,
    ready: async () => {
      const findReady = () => lines.find(({ service, msg }) => service === 'vagent' && msg === 'Ready');
      await eventually(() => findReady() !== undefined || child.exitCode !== null, { withinMs: 60_000 });
      const line = findReady();
      if (line === undefined) throw new Error(`vagent up ended with ${child.exitCode}: ${stderr}`);
      return line;
    },
    closeOutput: async () => {
      child.stdout?.destroy();
      child.stderr?.destroy();
      await gone;
    },
    end,
    [Symbol.asyncDispose]: async () => {
      await end('SIGINT');
    },
  };
}
