import pino from 'pino';
import { expect, it } from 'vitest';
import type { EntryOf } from '#contract/entry';
import type { Delivery } from '#streams/delivery';
import { FencedError } from '#streams/errors';
import type { Sender } from '../sending/create-sender.ts';
import { type PostDraftDeps, postDraft } from './post-draft.ts';

const entry: EntryOf<'reply.drafted'> = {
  type: 'reply.drafted',
  id: '$q#draft-1',
  session: '!room:localhost:main:@ana:localhost',
  turn: '$q',
  at: '2026-01-01T00:00:00.000Z',
  body: { reply: '$q', text: 'One two', replyTo: '$q', revision: 1 },
};

it.each([
  ['first event of a reply', false],
  ['edit of it', true],
])('F47: shows no %s under a lease that has moved while the draft waited', async (_, hasBegun) => {
  const sent: object[] = [];
  const sender: Sender = {
    voiceOf: async () => null,
    ahead: () => undefined,
    send: async (_delivery, event) => {
      sent.push(event);
      return '$sent';
    },
    redact: async () => undefined,
    pausedMs: () => 0,
  };
  const event = hasBegun ? '$first' : undefined;
  const posted = { hasBegun, event, parts: [], agent: null, edits: 0, isFinished: false };
  const deps: PostDraftDeps = {
    sender,
    renderForPerson: async () => [{ body: 'One two', html: 'One two' }],
    replies: { read: async () => posted, note: () => [] },
    cadence: { waitMs: () => 0, sent: () => undefined, forget: () => undefined },
    log: pino({ level: 'silent' }),
  };
  const moved = async () => Promise.reject(new FencedError(0));
  const place = { partition: 0, stream: 'outbound', entryId: '1-0', entry } as const;
  // A draft looks at nothing else of its delivery.
  const delivery = { ...place, signal: new AbortController().signal, waiting: () => [], save: moved };
  await expect(postDraft(deps, delivery as unknown as Delivery, entry)).rejects.toThrow(FencedError);
  expect(sent).toEqual([]);
});
