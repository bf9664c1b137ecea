import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface ConsumerProcess extends AsyncDisposable {
  /** The lines that it has written so far, over all its lives. */
  readonly lines: readonly string[];
  signal(name: NodeJS.Signals): void;
  /** How often it was started. */
  starts(): number;
  stop(): Promise<void>;
}

const program = fileURLToPath(new URL('./test-consumer-process.ts', import.meta.url));

/**
 * Runs tests/support/test-consumer-process.ts. With `isKeptAlive` a process that died is started again under a new
 * member name, as an orchestrator does.
 */
export function launchTestConsumer(options: {
  url: string;
  prefix: string;
  member: string;
  leaseMs: number;
  isKeptAlive?: boolean;
}): ConsumerProcess {
  const lines: string[] = [];
  let isStopping = false;
  let starts = 0;
  let child = start();

  function start(): ChildProcess {
    starts += 1;
    const member = options.isKeptAlive === true ? `${options.member}-${starts}` : options.member;
    const settings = JSON.stringify({ ...options, member });
    const stdio: ['pipe', 'pipe', 'inherit'] = ['pipe', 'pipe', 'inherit'];
    const started = spawn(process.execPath, [program, settings], { stdio });
    started.stdout.setEncoding('utf8').on('data', (text: string) => {
      lines.push(...text.split('\n').filter((line) => line !== ''));
    });
    started.on('exit', () => {
      if (options.isKeptAlive === true && !isStopping) child = start();
    });
    return started;
  }

  const stop = async () => {
    isStopping = true;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };
  return {
    lines,
    signal: (name) => void child.kill(name),
    starts: () => starts,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
