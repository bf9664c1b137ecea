import { describe, expect, it } from 'vitest';
import { formatTable } from './format-table.ts';
import { paintNothing } from './paint.ts';

describe('formatTable', () => {
  it('aligns words to the left and numbers to the right', () => {
    const rows = [
      ['inbound', 7],
      ['out', 1200],
    ] as const;
    expect(formatTable(['stream', 'length'], rows, paintNothing)).toBe(
      'stream   length\ninbound       7\nout        1200\n',
    );
  });

  it('counts emoji and East Asian signs as two columns', () => {
    const rows = [
      ['✅ 完了', 'a'],
      ['ok', 'b'],
    ];
    const [, first = '', second = ''] = formatTable(['what', 'x'], rows, paintNothing).split('\n');
    expect(first).toBe('✅ 完了  a');
    expect(second).toBe('ok       b');
  });
});
