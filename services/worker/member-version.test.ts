import { describe, expect, it } from 'vitest';
import { commonVersion, memberOf } from './member-version.ts';

describe('the version of the graph in the names of workers', () => {
  it('is the lowest that a live worker knows as its newest', () => {
    expect(commonVersion([memberOf('a-1', 3), memberOf('b-1', 2), memberOf('c-1', 3)])).toBe(2);
  });

  it('is the first where a worker is older than versions, and where one has no mark', () => {
    expect(commonVersion([memberOf('a-1', 2), 'worker-2-77-0a1b2c3d'])).toBe(1);
    expect(memberOf('a-1', 1)).toBe('a-1');
  });

  it('has no upper bound where nobody has joined yet: the worker goes by its own', () => {
    expect(commonVersion([])).toBe(Number.MAX_SAFE_INTEGER);
  });
});
