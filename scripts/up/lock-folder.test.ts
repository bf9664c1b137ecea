import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockFolder } from './lock-folder.ts';

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

  it('lets the next one in after the first is done', () => {
    lockFolder(folder)[Symbol.dispose]();
    lockFolder(folder)[Symbol.dispose]();
  });
});
