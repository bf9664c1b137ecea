import { describe, expect, it } from 'vitest';
import { limitResult } from './limit-result.ts';

describe('limitResult', () => {
  it('passes a small result on', () => {
    expect(limitResult({ text: 'ok', data: { n: 1 } })).toEqual({
      status: 'done',
      text: 'ok',
      data: { n: 1 },
    });
  });

  it('cuts a long text and says by how much', () => {
    const { text } = limitResult({ text: 'x'.repeat(5_000) });
    expect(text.length).toBeLessThan(4_100);
    expect(text).toContain('1000 characters were left out');
  });

  it('leaves no half characters, which no room takes', () => {
    expect(limitResult({ text: 'half \ud83d' }).text).toBe('half \ufffd');
    expect(limitResult({ text: `${'x'.repeat(9)}👍` }, 10).text).toMatch(/^x{9}\ufffd… /);
  });

  it('leaves large data out and says so', () => {
    const result = limitResult({ text: 'ok', data: 'x'.repeat(20_000) });
    expect(result.data).toBeUndefined();
    expect(result.text).toContain('20002 bytes of data were left out');
  });

  it.each([undefined, 'ok', { data: 1 }, { text: 'x', data: 1n }])(
    'calls %s done, though unreadable',
    (returned) => {
      expect(limitResult(returned)).toEqual({
        status: 'done',
        text: 'It ran, but what it reported could not be read.',
      });
    },
  );
});
