import { describe, expect, it } from 'vitest';
import type { Entry } from '#contract/entry';
import type { SpanAttributes, Tracing } from '#runtime/tracing';
import { FencedError } from './errors.ts';
import type { Item } from './item.ts';
import { type TracedEntry, type TryResult, traceAttempt } from './trace-attempt.ts';

const parent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
const own = `00-${'a'.repeat(32)}-${'c'.repeat(16)}-01`;
const entry: Entry = {
  type: 'message.redacted',
  id: '$fact',
  session: '!room:localhost:main:@ana:localhost',
  at: '2026-01-01T00:00:00Z',
  trace: parent,
  body: { eventId: '$e', sender: '@ana:localhost', redacts: '$m', originTime: '2026-01-01T00:00:00Z' },
};
const item: Item = {
  held: { partition: 3, epoch: 1, signal: new AbortController().signal, isLost: false },
  found: { stream: 'inbound', entryId: '1-0', deliveries: 0, bytes: 1, fields: [] },
  decoded: { ok: true, entry },
  lane: 'lane',
  begun: 1,
  attempt: 1,
  attemptAt: 0,
  refused: 0,
};

function recorder() {
  const spans: { name: string; parent: string | undefined; attributes: SpanAttributes }[] = [];
  const tracing: Tracing = {
    isOn: true,
    span: async (name, about, work) => {
      const span = { name, parent: about.parent, attributes: { ...about.attributes } };
      spans.push(span);
      return work({ traceparent: own, set: (more) => Object.assign(span.attributes, more) });
    },
    record: () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
  };
  return { spans, traced: { name: 'turn', tracing } };
}

const attempt = { item, entry, attempt: 2 };
const commit = async (): Promise<TryResult> => ({ commit: { outcome: 'replied' } });

describe('traceAttempt', () => {
  it('is a span under the entry’s trace, and the parent of what the entry causes', async () => {
    const { spans, traced } = recorder();
    let seen: TracedEntry | undefined;
    await traceAttempt(traced, attempt, async (inside) => {
      seen = inside;
      await inside.inSpan('commit', async () => undefined);
      return commit();
    });
    expect(seen?.entry).toEqual({ ...entry, trace: own });
    expect(spans.map(({ name, parent: under }) => [name, under])).toEqual([
      ['turn', parent],
      ['commit', undefined],
    ]);
    expect(spans[0]?.attributes).toMatchObject({
      'vagent.type': 'message.redacted',
      'vagent.entry': '1-0',
      'vagent.partition': 3,
      'vagent.attempt': 2,
      'vagent.outcome': 'replied',
    });
    expect(JSON.stringify(spans)).not.toMatch(/ana|room|fact/);
  });

  it.each([
    ['failed', new Error('x')],
    ['fenced', new FencedError(3)],
    ['told_to_wait', Object.assign(new Error('x'), { retryAfterMs: 5 })],
  ])('says %s of such an end', async (outcome, error) => {
    const { spans, traced } = recorder();
    await traceAttempt(traced, attempt, async () => ({ error }));
    expect(spans[0]?.attributes).toMatchObject({ 'vagent.outcome': outcome, 'error.type': error.name });
  });

  it('hands the very entry on where nobody traces', async () => {
    let seen: Entry | undefined;
    await traceAttempt(undefined, attempt, async (inside) => {
      seen = inside.entry;
      return commit();
    });
    expect(seen).toBe(entry);
  });
});
