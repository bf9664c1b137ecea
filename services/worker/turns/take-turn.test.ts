import { describe, expect, it } from 'vitest';
import { NewerGraphError, NewerGraphMissingError } from '#agents/errors';
import { takeTurn } from './take-turn.ts';

const hourMs = 3_600_000;
const nowMs = 1_800_000_000_000;

/** A turn of a session that a newer release worked on, `waitedMs` after its entry was appended. */
async function meetNewerWork(waitedMs: number): Promise<unknown> {
  const error = new NewerGraphError('!r:x:main:@a:x', 2, 1);
  const conversation = { takeTurn: () => Promise.reject(error) };
  const savers = { discarded: () => undefined, conversation: undefined };
  const redis = { time: async () => [nowMs / 1_000, 0] };
  const entry = {
    type: 'message.received',
    id: '$e',
    session: '!r:x:main:@a:x',
    at: '',
    body: { eventId: '$e', sender: '@a:x', text: 'hello', attachments: [] },
  };
  const delivery = {
    partition: 0,
    entry,
    appendedAt: nowMs - waitedMs,
    signal: new AbortController().signal,
    waiting: () => [],
    arrival: () => new Promise<void>(() => undefined),
  };
  const messages = () => ({ doubleText: 'enqueue', rooms: {}, onRedaction: 'withdraw_answer' });
  const switches = { off: () => undefined };
  const deps = { saversFor: () => savers, conversation, redis, switches, messages };
  // The smallest part of both that a turn touches before it meets the graph.
  return takeTurn(deps as never, delivery as never).catch((thrown: unknown) => thrown);
}

describe('a turn of work that a newer release has begun', () => {
  it('waits for a worker of that release', async () => {
    expect(await meetNewerWork(hourMs / 2)).toBeInstanceOf(NewerGraphError);
  });

  it('is an operator’s when none has come for an hour', async () => {
    const thrown = await meetNewerWork(hourMs + 1);
    expect(thrown).toBeInstanceOf(NewerGraphMissingError);
    expect(thrown).toMatchObject({ retryable: false, message: expect.stringContaining('replay') });
  });
});
