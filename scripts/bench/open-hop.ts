import type { Entry } from '#contract/entry';
import type { Commit } from '#streams/commit';
import type { Delivery } from '#streams/delivery';
import { outputsOf } from '../../services/worker/turns/outputs.ts';
import type { Bench } from './bench.ts';
import { messageOf, sessionOf } from './message-of.ts';
import { startConsumer } from './start-consumer.ts';

/** Something that takes messages, works on them, and passes one on for each. */
export interface Hop extends AsyncDisposable {
  /** Resolves when message `number` has been handled and its output is in Redis. */
  pass(number: number): Promise<void>;
}

/** Ours: published once, read under a lease, then output and acknowledgement in one fenced commit. */
export async function openHop(
  bench: Bench,
  inFlight: number,
  work: (text: string) => Promise<string>,
): Promise<Hop> {
  const prefix = bench.newPrefix();
  const [publishing, consuming] = [await bench.transport(prefix), await bench.transport(prefix)];
  const ends = new Map<string, () => void>();
  const handle = async ({ entry }: Delivery): Promise<Commit> => {
    const { eventId, text } = messageIn(entry);
    const reply = { reply: entry.id, text: await work(text), replyTo: eventId, revision: 0 };
    return { outputs: [outputsOf(entry)('reply.finished', 'reply', reply)], outcome: 'replied' };
  };
  const consumer = await startConsumer(bench, consuming, inFlight, handle, (fact) => ends.get(fact)?.());
  return {
    pass: async (number) => {
      const entry = messageOf(number, sessionOf(number % inFlight));
      const ended = Promise.withResolvers<void>();
      ends.set(entry.id, ended.resolve);
      await publishing.publisher.publish('inbound', entry);
      await ended.promise;
      ends.delete(entry.id);
    },
    [Symbol.asyncDispose]: async () => {
      await consumer.stop();
      await Promise.all([publishing.close(), consuming.close()]);
    },
  };
}

function messageIn(entry: Entry): Extract<Entry, { type: 'message.received' }>['body'] {
  if (entry.type !== 'message.received') throw new TypeError(`${entry.type} was never published here`);
  return entry.body;
}
