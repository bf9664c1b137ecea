import { AIMessage, HumanMessage, ToolMessage } from '@langchain/core/messages';
import { MemorySaver } from '@langchain/langgraph-checkpoint';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesSnapshot, restoreSnapshot, takeSnapshot } from './snapshot.ts';

const { serde } = new MemorySaver();

describe('a snapshot', () => {
  it('matches what it was taken from and restores its equal', async () => {
    const values = fc.anything({
      withDate: true,
      withMap: true,
      withSet: true,
      withTypedArray: false,
      withNullPrototype: true,
    });
    await fc.assert(
      fc.asyncProperty(values, async (value) => {
        const snapshot = await takeSnapshot(value, serde);
        expect(await matchesSnapshot(value, snapshot, serde)).toBe(true);
        const [type, bytes] = await serde.dumpsTyped(value);
        const stored: unknown = await serde.loadsTyped(type, bytes);
        expect(await restoreSnapshot(snapshot, serde)).toEqual(stored);
      }),
    );
  });

  it('notices every change in place that a save would show', async () => {
    const changes: [unknown, (value: never) => void][] = [
      [{ a: { b: [1] } }, (value: { a: { b: number[] } }) => value.a.b.push(2)],
      [{ a: { b: [1] } }, (value: { a: { b: number[] } }) => value.a.b.splice(0, 1, 3)],
      [{ a: 1 }, (value: { a?: number }) => Reflect.deleteProperty(value, 'a')],
      [{ a: 1 }, (value: { a: number; b?: undefined }) => Object.assign(value, { b: undefined })],
      [new Map([['a', 1]]), (value: Map<string, number>) => value.set('a', 2)],
      [[new Date(1)], (value: Date[]) => value[0]?.setTime(2)],
      [new HumanMessage('a'), (message: HumanMessage) => Object.assign(message, { content: 'b' })],
      [
        new AIMessage({ content: '', tool_calls: [{ id: 'x', name: 'n', args: { a: 1 } }] }),
        (message: AIMessage) => Object.assign(message.tool_calls?.[0]?.args ?? {}, { a: 2 }),
      ],
      [
        new AIMessage({ content: '', additional_kwargs: { a: [1] } }),
        (message: AIMessage) => (message.additional_kwargs['a'] as number[]).push(2),
      ],
      [
        new AIMessage({ content: 'x' }),
        (message: AIMessage) => Object.assign(message, { additional_kwargs: { a: 1 } }),
      ],
      [
        new AIMessage({ content: 'x' }),
        (message: AIMessage) => Object.assign(message.lc_kwargs, { additional_kwargs: { a: 1 } }),
      ],
      [
        new ToolMessage({ content: 'x', tool_call_id: '1' }),
        (message: ToolMessage) => Object.assign(message, { status: 'error' }),
      ],
    ];
    for (const [value, change] of changes) {
      const snapshot = await takeSnapshot(value, serde);
      // Each pair fits by construction; a list of pairs cannot say so.
      change(value as never);
      expect(await matchesSnapshot(value, snapshot, serde)).toBe(false);
    }
  });

  it('restores messages of their class that share nothing with the original', async () => {
    const message = new AIMessage({
      content: 'x',
      id: '1',
      tool_calls: [{ id: 'x', name: 'n', args: { a: 1 } }],
    });
    const restored = await restoreSnapshot(await takeSnapshot([message], serde), serde);
    expect(restored).toEqual([message]);
    const [copy] = restored as AIMessage[];
    expect(copy && AIMessage.isInstance(copy)).toBe(true);
    Object.assign(copy?.tool_calls?.[0]?.args ?? {}, { a: 2 });
    expect(message.tool_calls?.[0]?.args).toEqual({ a: 1 });
  });
});
