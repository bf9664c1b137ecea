import { describe, expect, it } from 'vitest';
import { mergeWrites } from './merge-writes.ts';

describe('mergeWrites', () => {
  it('joins the commands of a key, the last value of a field counting', () => {
    const merged = mergeWrites([
      { command: 'HSET', key: 'a', args: ['f', '1', 'g', '2'] },
      { command: 'PEXPIRE', key: 'a', args: ['9'] },
      { command: 'ZADD', key: 'i', args: ['0', 'm'] },
      { command: 'HSET', key: 'a', args: ['f', '3'] },
      { command: 'ZADD', key: 'i', args: ['0', 'm', '0', 'n'] },
      { command: 'PEXPIRE', key: 'a', args: ['9'] },
      { command: 'HSET', key: 'b', args: ['f', '4'] },
    ]);
    expect(merged).toEqual([
      { command: 'HSET', key: 'a', args: ['f', '3', 'g', '2'] },
      { command: 'HSET', key: 'b', args: ['f', '4'] },
      { command: 'ZADD', key: 'i', args: ['0', 'm', '0', 'n'] },
      { command: 'PEXPIRE', key: 'a', args: ['9'] },
    ]);
  });

  it('puts deletions before all, and what must not replace before what does', () => {
    const merged = mergeWrites([
      { command: 'HSET', key: 'a', args: ['f', '1'] },
      { command: 'HSETNX', key: 'a', args: ['g', '1'] },
      { command: 'ZADD', key: 't', args: ['1', 'x'] },
      { command: 'ZREM', key: 't', args: ['y'] },
      { command: 'DEL', key: 'a', args: [] },
    ]);
    expect(merged.map(({ command }) => command)).toEqual(['DEL', 'ZREM', 'HSETNX', 'HSET', 'ZADD']);
  });
});
