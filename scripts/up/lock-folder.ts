import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { CommandError } from '../cli/errors.ts';

const busy = 5;

/**
 * Takes the folder for this process alone, until it is disposed of or the process is gone, however it ended: the
 * lock is one of the operating system, held through SQLite, so it can never be left behind.
 *
 * @throws {CommandError} naming the process that has it.
 */
export function lockFolder(folder: string): Disposable {
  const pidFile = join(folder, 'up.pid');
  const database = new DatabaseSync(join(folder, 'up.lock'));
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    const isBusy = error instanceof Error && 'errcode' in error && error.errcode === busy;
    if (!isBusy) throw error;
    const pid = readFileSync(pidFile, 'utf8').trim();
    throw new CommandError(
      `vagent already runs in ${folder} (process ${pid}). Talk to it with: npx vagent chat\nOr end it with: kill ${pid}`,
    );
  }
  writeFileSync(pidFile, `${process.pid}\n`, { mode: 0o600 });
  return { [Symbol.dispose]: () => database.close() };
}
