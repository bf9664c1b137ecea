import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** Asks the process to end, and kills it where it has not after `graceMs`. Resolves when it is gone. */
export async function endProcess(child: ChildProcess, graceMs: number): Promise<'ended' | 'killed'> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return 'ended';
  const gone = once(child, 'exit');
  let isKilled = false;
  const timer = setTimeout(() => {
    isKilled = true;
    child.kill('SIGKILL');
  }, graceMs);
  child.kill('SIGTERM');
  await gone;
  clearTimeout(timer);
  return isKilled ? 'killed' : 'ended';
}
