import { readFile } from 'node:fs/promises';
import { transform } from 'esbuild';
import { Redis } from 'ioredis';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { allMutants } from './all-mutants.ts';
import { applyEdit } from './apply-edit.ts';
import type { Mutant } from './mutant.ts';

const root = new URL('../../', import.meta.url);
const redis = new Redis(inject('redisUrl'));
afterAll(() => redis.quit());

/** The files of a mutant as they would be. */
async function mutated({ edits }: Mutant): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const edit of edits) {
    const source = files.get(edit.file) ?? (await readFile(new URL(edit.file, root), 'utf8'));
    const applied = applyEdit(source, edit);
    if (!applied.ok) throw new Error(applied.reason);
    files.set(edit.file, applied.source);
  }
  return files;
}

describe('seeded bugs, which npm run test:mutants tries', () => {
  it.each(allMutants.map((mutant) => [mutant.name, mutant] as const))(
    '%s still applies, is a program, and names tests that exist',
    async (_, mutant) => {
      for (const [file, source] of await mutated(mutant)) {
        if (file.endsWith('.lua')) await redis.script('LOAD', source);
        else await transform(source, { loader: 'ts' });
      }
      const test = await readFile(new URL(mutant.test, root), 'utf8');
      expect(test).toMatch(/\b(it|test)\b/);
      expect(() => new RegExp(mutant.title ?? '')).not.toThrow();
    },
  );

  it('have names of their own', () => {
    const names = allMutants.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
  });

  it('cover the twelve that each change must be held against', () => {
    const twelve = [
      'no-fence',
      'ack-before-commit',
      'token-before-processing',
      'resume-without-id',
      'maxlen-trim',
      'random-txn-id',
      'empty-list-approves',
      'no-epoch-on-the-checkpoint',
      'group-at-dollar',
      'third-xautoclaim-element-ignored',
      'acknowledged-on-429',
      'digest-not-compared',
    ];
    expect(allMutants.map(({ name }) => name)).toEqual(expect.arrayContaining(twelve));
  });
});

describe('applyEdit', () => {
  const edit = { file: 'libs/a.ts', find: 'one', replace: 'two' };

  it('replaces the one place', () => {
    expect(applyEdit('with one place', edit)).toEqual({ ok: true, source: 'with two place' });
  });

  it.each(['with no place', 'one and one'])('refuses "%s" and says which file', (source) => {
    expect(applyEdit(source, edit)).toMatchObject({
      ok: false,
      reason: expect.stringContaining('libs/a.ts'),
    });
  });
});
