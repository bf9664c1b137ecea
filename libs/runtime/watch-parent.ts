import process from 'node:process';
import { ConfigError } from './errors.ts';
import type { Environment } from './read-config.ts';

/**
 * Calls `onGone` once, when the process with the id in `VAGENT_PARENT_PID` is gone, or when the parent closes the IPC
 * channel that it opened: a service started by the vagent command never outlives it, however that ended. Without
 * either it does nothing. Keeps no event loop alive by itself.
 *
 * @throws {ConfigError} if `VAGENT_PARENT_PID` is no process id.
 */
export function watchParent(env: Environment, onGone: () => void, everyMs = 500): void {
  let isGone = false;
  const report = (): void => {
    if (isGone) return;
    isGone = true;
    clearInterval(poll);
    onGone();
  };
  const expected = parentIn(env);
  const wasChild = process.ppid === expected;
  const poll = setInterval(() => {
    if (expected !== undefined && !isAlive(expected, wasChild)) report();
  }, everyMs).unref();
  if (expected === undefined) clearInterval(poll);
  if (process.connected) process.once('disconnect', report);
}

function parentIn(env: Environment): number | undefined {
  const text = env['VAGENT_PARENT_PID']?.trim();
  if (!text) return undefined;
  const pid = Number(text);
  if (Number.isSafeInteger(pid) && pid > 0) return pid;
  const remedy = 'Set it to the id of the parent process, or unset it';
  throw new ConfigError([{ name: 'VAGENT_PARENT_PID', problem: `is ${JSON.stringify(text)}`, remedy }]);
}

function isAlive(pid: number, isParent: boolean): boolean {
  // An orphan gets a new parent at once: surer than its id, which the system may give to another process.
  if (isParent) return process.ppid === pid;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, as somebody else's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
