import { inject } from 'vitest';
import type { Entry, EntryOf } from '#contract/entry';
import type { MessagePolicy } from '#playbook/policies';
import { eventually } from '../support/eventually.ts';
import { messageEntry } from '../support/test-consumer.ts';
import { startWorkerStage } from '../support/worker-stage.ts';

type Message = EntryOf<'message.received'>;

/** A message as it comes from a room: the event is the fact. */
export function message(name: string, text: string, body: Partial<Message['body']> = {}): Message {
  const entry = messageEntry(0, { text });
  if (entry.type !== 'message.received') throw new Error('a message');
  return { ...entry, id: `$${name}`, body: { ...entry.body, eventId: `$${name}`, ...body } };
}

/** Three workers, and turns that wait where their one line begins with "slow" until they are let go. */
export async function openMessageStage(messages: Partial<MessagePolicy>) {
  const begun: string[] = [];
  const open = Promise.withResolvers<void>();
  const stage = await startWorkerStage(inject('redisUrl'), {
    messages,
    onTurn: async (input, { signal, onDraft }) => {
      if (input.kind !== 'message') return;
      begun.push(input.text);
      if (!/^slow[^\n]*$/.test(input.text)) return;
      onDraft(`A draft about ${input.text}`, null);
      const aborted = new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        if (signal.aborted) reject(signal.reason);
      });
      await Promise.race([open.promise, aborted]);
    },
  });
  const more = await Promise.all([stage.startWorker('w2'), stage.startWorker('w3')]);
  const outcome = async (id: string): Promise<string | null> =>
    stage.redis.get(stage.keys.fact(stage.partition, id));
  return {
    ...stage,
    begun,
    letGo: () => open.resolve(),
    /** So many entries are with the worker, begun or waiting behind those. */
    delivered: (count: number) =>
      eventually(
        async () => {
          const [pending] = await stage.redis.xpending(
            stage.keys.stream(stage.partition, 'inbound'),
            'graph',
          );
          return Number(pending) === count;
        },
        { what: `${count} entries are delivered` },
      ),
    publish: (entry: Entry) => stage.publisher.publish('inbound', entry),
    outcome,
    ends: (id: string) =>
      eventually(
        async () => {
          const word = await outcome(id);
          return word?.startsWith('done:') ? word.slice(5) : undefined;
        },
        { what: `the end of ${id}` },
      ),
    history: async () => {
      const replies = await stage.entries('outbound', 'reply.finished');
      return replies.map(({ turn, body }) => ({ turn, replyTo: body.replyTo, text: body.text }));
    },
    [Symbol.asyncDispose]: async () => {
      open.resolve();
      await Promise.all(more.map((worker) => worker.stop()));
      await stage[Symbol.asyncDispose]();
    },
  };
}
