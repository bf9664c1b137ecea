import { expect, it } from 'vitest';
import type { EntryOf } from '#contract/entry';
import { formatSessionId } from '#contract/session-id';
import type { RateLimits } from '#operations/limits/rate-limit';
import { createMetrics } from '#runtime/create-metrics';
import { createIngressMetrics } from '../ingress-metrics.ts';
import { createLimitEntry } from './limit-entry.ts';

const sender = '@a:localhost';

function message(id: string): EntryOf<'message.received'> {
  const at = '2026-01-01T00:00:00.000Z';
  const common = { eventId: id, sender, displayName: null, thread: null, replyTo: null };
  const session = formatSessionId({ room: '!r:localhost', thread: null, user: sender });
  return {
    ...{ type: 'message.received', id, session, at },
    body: { ...common, text: 'hi', direct: true, attachments: [], encrypted: false, originTime: at },
  };
}

/** Lets so many messages through. */
function limitTo(most: number) {
  let left = most;
  const take: RateLimits['take'] = async () => {
    left -= 1;
    return left >= 0 ? { ok: true } : { ok: false, scope: 'user', tell: left === -1, retryInMs: 1 };
  };
  return createLimitEntry({ take }, createIngressMetrics(createMetrics({ service: 'ingress' })));
}

it('counts a message once, however often its batch is tried', async () => {
  const limit = limitTo(2);
  for (let tries = 0; tries < 5; tries += 1)
    expect((await limit(message('$1'))).body).not.toHaveProperty('limited');
  expect((await limit(message('$2'))).body).not.toHaveProperty('limited');
  expect((await limit(message('$3'))).body).toMatchObject({ text: '', limited: { scope: 'user' } });
});

it('keeps the mark of a message that is over the limit, so that its sender is told though the first try failed', async () => {
  const limit = limitTo(0);
  const first = await limit(message('$1'));
  expect(first.body).toMatchObject({ limited: { tell: true } });
  expect(await limit(message('$1'))).toEqual(first);
  expect((await limit(message('$2'))).body).toMatchObject({ limited: { tell: false } });
});
