import { AIMessageChunk } from '@langchain/core/messages';
import type { ToolCallChunk } from '@langchain/core/messages/tool';
import { describe, expect, it } from 'vitest';
import { collectCalls } from './collect-calls.ts';

function collect(...parts: ToolCallChunk[][]) {
  const collected = collectCalls();
  for (const chunks of parts) collected.add(new AIMessageChunk({ content: '', tool_call_chunks: chunks }));
  return collected.calls();
}

describe('collectCalls', () => {
  it('puts parts together by their index, however they are mixed', () => {
    const calls = collect(
      [{ index: 0, id: 'a', name: 'weigh', args: '{"gr' }],
      [
        { index: 1, id: 'b', name: 'measure', args: '' },
        { index: 0, args: 'ams":7}' },
      ],
      [{ index: 1, args: '{"cm":3}' }],
    );
    expect(calls).toEqual([
      { id: 'a', name: 'weigh', arguments: { grams: 7 } },
      { id: 'b', name: 'measure', arguments: { cm: 3 } },
    ]);
  });

  it('tells calls apart where a server sends no index, and repeats no name', () => {
    const calls = collect(
      [{ id: 'a', name: 'weigh', args: '{"gr' }],
      [{ args: 'ams":7}' }],
      [{ id: 'b', name: 'measure', args: '{}' }],
    );
    expect(calls?.map(({ name, arguments: given }) => [name, given])).toEqual([
      ['weigh', { grams: 7 }],
      ['measure', {}],
    ]);
    expect(
      collect([{ index: 0, name: 'weigh', args: '{' }], [{ index: 0, name: 'weigh', args: '}' }]),
    ).toEqual([{ id: expect.any(String), name: 'weigh', arguments: {} }]);
  });

  it('gives calls that share an id, or have none, ids of their own', () => {
    const calls = collect([
      { index: 0, id: 'a', name: 'x', args: '' },
      { index: 1, id: 'a', name: 'x', args: '' },
      { index: 2, name: 'x', args: '' },
    ]);
    expect(new Set(calls?.map(({ id }) => id)).size).toBe(3);
  });

  it('tells calls apart that share an index, and not by ids that are new in each part', () => {
    const whole = (id: string, name: string, args: string): ToolCallChunk => ({ index: 0, id, name, args });
    expect(collect([whole('a', 'weigh', '{"grams":7}')], [whole('b', 'weigh', '{"grams":8}')])).toEqual([
      { id: 'a', name: 'weigh', arguments: { grams: 7 } },
      { id: 'b', name: 'weigh', arguments: { grams: 8 } },
    ]);
    expect(collect([whole('a', 'weigh', '{"grams"')], [{ index: 0, id: 'b', args: ':7}' }])).toEqual([
      { id: 'a', name: 'weigh', arguments: { grams: 7 } },
    ]);
  });

  it('has no calls where one names no function, unless only one can be meant', () => {
    const nameless = new AIMessageChunk({
      content: '',
      tool_call_chunks: [{ index: 0, id: 'a', args: '{}' }],
    });
    for (const [usual, expected] of [
      [undefined, undefined],
      ['weigh', [{ id: 'a', name: 'weigh', arguments: {} }]],
    ] as const) {
      const collected = collectCalls(usual);
      collected.add(nameless);
      expect(collected.calls()).toEqual(expected);
    }
  });
});
