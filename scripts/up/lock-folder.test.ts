import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockFolder } from './lock-folder.ts';
import { findRunningSystem, runFile } from './running-system.ts';
import { writeState } from './state-folder.ts';

describe('lockFolder', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vagent-lock-'));
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  it('tells the second one who has the folder', () => {
    using _first = lockFolder(folder);
    expect(() => lockFolder(folder)).toThrow(`already runs in ${folder} (process ${process.pid})`);
  });

  it('tells the second one to talk to the first also before that has said who it is', () => {
    using _first = lockFolder(folder);
    rmSync(join(folder, 'up.pid'));
    expect(() => lockFolder(folder)).toThrow(`already runs in ${folder}. Talk to it`);
  });

  it('is seen by others while it is held, whatever was left behind', async () => {
    const run = { pid: process.pid, environment: {}, services: [] };
    await writeState(folder, runFile, run);
    expect(await findRunningSystem(folder)).toBeUndefined();
    const first = lockFolder(folder);
    expect(await findRunningSystem(folder)).toEqual(run);
    first[Symbol.dispose]();
    expect(await findRunningSystem(folder)).toBeUndefined();
    expect(existsSync(join(folder, 'up.pid'))).toBe(false);
  });

  it('lets the next one in after the first is done', () => {
    lockFolder(folder)[Symbol.dispose]();
    lockFolder(folder)[Symbol.dispose]();
  });
});
