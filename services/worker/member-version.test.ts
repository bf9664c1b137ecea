import { describe, expect, it } from 'vitest';
import { commonVersion, memberOf, readSmall } from './member-version.ts';

describe('the version of the graph in the names of workers', () => {
  it('is the lowest that a live worker knows as its newest', () => {
    expect(commonVersion([memberOf('a-1', 3), memberOf('b-1', 2), memberOf('c-1', 3)])).toBe(2);
  });

  it('is the first where a worker is older than versions, and where one has no mark', () => {
    expect(commonVersion([memberOf('a-1', 2), 'worker-2-77-0a1b2c3d'])).toBe(1);
    expect(memberOf('a-1', 1)).toBe('a-1~z');
  });

  it('has no upper bound where nobody has joined yet: the worker goes by its own', () => {
    expect(commonVersion([])).toBe(Number.MAX_SAFE_INTEGER);
  });
});

describe('whether small records are read, in the names of workers', () => {
  it('is so once all live workers are of a release that can, whatever versions of the graph they know', () => {
    expect(readSmall([memberOf('a-1', 1), memberOf('b-1', 2)])).toBe(true);
  });

  it('is not while one is older, whatever it is called, and while nobody is known', () => {
    expect(readSmall([memberOf('a-1', 1), 'worker-2-77-0a1b2c3d'])).toBe(false);
    expect(readSmall([memberOf('a-1', 1), 'b~zeta-1~g2'])).toBe(false);
    expect(readSmall([])).toBe(false);
  });

  it('leaves the version of the graph readable for releases before, which look for it at the end', () => {
    expect(Number(/~g(\d+)$/.exec(memberOf('a-1', 3))?.[1] ?? 1)).toBe(3);
    expect(Number(/~g(\d+)$/.exec(memberOf('a-1', 1))?.[1] ?? 1)).toBe(1);
  });
});
