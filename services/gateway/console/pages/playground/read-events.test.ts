import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readSentEvents, type SentEvent } from './read-events.ts';

async function read(chunks: readonly Uint8Array[]): Promise<SentEvent[]> {
  const found: SentEvent[] = [];
  for await (const event of readSentEvents(ReadableStream.from(chunks) as ReadableStream<Uint8Array>))
    found.push(event);
  return found;
}

const bytes = new TextEncoder().encode(
  ': heartbeat\n\nid: 1-0\nevent: text_chunk\ndata: {"text":"grün 🌱"}\n\nevent: done\r\ndata: a\r\ndata: b\r\n\r\ndata: cut off',
);

it('reads server-sent events wherever the network cuts them, and drops what is unfinished', async () => {
  const whole = await read([bytes]);
  expect(whole).toEqual([
    { name: 'text_chunk', data: '{"text":"grün 🌱"}', id: '1-0' },
    { name: 'done', data: 'a\nb', id: undefined },
  ]);
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length), fc.nat(bytes.length), async (one, other) => {
      const [from, to] = [Math.min(one, other), Math.max(one, other)];
      expect(await read([bytes.slice(0, from), bytes.slice(from, to), bytes.slice(to)])).toEqual(whole);
    }),
    { numRuns: 60 },
  );
});
