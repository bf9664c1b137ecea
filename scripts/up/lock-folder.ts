import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { CommandError } from '../cli/errors.ts';

const busy = 5;
/** Whoever only looks whether it is locked is done sooner. */
const momentMs = 500;

/**
 * Takes the folder for this process alone, until it is disposed of or the process is gone, however it ended: the
 * lock is one of the operating system, held through SQLite, so it can never be left behind.
 *
 * @throws {CommandError} naming the process that has it.
 */
export function lockFolder(folder: string): Disposable {
  const pidFile = join(folder, 'up.pid');
  const database = new DatabaseSync(lockFileOf(folder), { timeout: momentMs });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (!isBusy(error)) throw error;
    throw new CommandError(tellHolder(folder, pidFile));
  }
  writeFileSync(pidFile, `${process.pid}\n`, { mode: 0o600 });
  return {
    [Symbol.dispose]: () => {
      if (!database.isOpen) return;
      rmSync(pidFile, { force: true });
      database.close();
    },
  };
}

/** Whether a process has the folder, this one or another. Surer than a number that it left: that may be another's by now. */
export function isFolderLocked(folder: string): boolean {
  const file = lockFileOf(folder);
  if (!existsSync(file)) return false;
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    database.exec('SELECT 1 FROM sqlite_schema');
    return false;
  } catch (error) {
    if (!isBusy(error)) throw error;
    return true;
  } finally {
    database.close();
  }
}

function lockFileOf(folder: string): string {
  return join(folder, 'up.lock');
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === busy;
}

function tellHolder(folder: string, pidFile: string): string {
  const runs = `vagent already runs in ${folder}`;
  // It has the lock for a moment before it has written this down.
  const pid = existsSync(pidFile) ? readFileSync(pidFile, 'utf8').trim() : '';
  if (pid === '') return `${runs}. Talk to it with: npx vagent chat`;
  return `${runs} (process ${pid}). Talk to it with: npx vagent chat\nOr end it with: kill ${pid}`;
}
