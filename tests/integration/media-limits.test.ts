import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { expect, inject, it, onTestFinished } from 'vitest';
import type { EntryOf } from '#contract/entry';
import { createKeys } from '#contract/keys';
import { formatSessionId } from '#contract/session-id';
import { MatrixRequestError, MediaTooLargeError } from '#matrix/errors';
import type { MatrixRequest } from '#matrix/matrix-client';
import { readRoomEvent } from '#matrix/room-event';
import { createMetrics } from '#runtime/create-metrics';
import { createIngressMetrics } from '../../services/ingress/ingress-metrics.ts';
import type { FileCost } from '../../services/ingress/media/file-allowance.ts';
import { createKeepFiles } from '../../services/ingress/media/keep-files.ts';
import { uniquePrefix } from '../support/unique-prefix.ts';

const room = '!r:localhost';
const sender = '@a:localhost';
const url = 'mxc://localhost/file';
let count = 0;

/**
 * Sends files of one person, who may have `most`, and says what became of them and what they cost. For two that do not
 * come there is patience.
 */
async function sendThree(request: MatrixRequest, most = 2) {
  const costs: FileCost[] = [];
  let lost = 0;
  const redis = new Redis(inject('redisUrl'));
  onTestFinished(() => redis.disconnect());
  const keep = createKeepFiles({
    redis,
    keys: createKeys(uniquePrefix('files')),
    partitions: 1,
    sealBody: (json) => json,
    request,
    protect: (text) => ({ ok: true, text, items: [], kinds: [] }),
    vault: { save: async () => undefined },
    maxBytes: 100,
    allowance: { has: () => costs.length < most, spend: (_, cost) => void costs.push(cost) },
    patience: {
      has: () => lost < 2,
      spend: () => {
        lost += 1;
      },
    },
    metrics: createIngressMetrics(createMetrics({ service: 'ingress' })),
  });
  const send = async (): Promise<string | undefined> => {
    count += 1;
    const id = `$file${count}`;
    const content = { msgtype: 'm.file', body: 'a.txt', url };
    const event = readRoomEvent({ event_id: id, sender, type: 'm.room.message', content }, room);
    const at = '2026-01-01T00:00:00.000Z';
    const attachments = [{ name: 'a.txt', mimetype: null, size: null, url }];
    const common = { eventId: id, sender, displayName: null, text: '', thread: null, replyTo: null };
    const entry: EntryOf<'message.received'> = {
      ...{ type: 'message.received', id, at },
      session: formatSessionId({ room, thread: null, user: sender }),
      body: { ...common, direct: true, attachments, encrypted: false, originTime: at },
    };
    const kept = await keep(event, entry);
    return kept.type === 'message.received' ? kept.body.attachments[0]?.refused : undefined;
  };
  return { ends: [await send(), await send(), await send()], costs };
}

it('a file that does not come costs its sender the time for which all others waited', async () => {
  const { ends, costs } = await sendThree(async (method, path) => {
    await sleep(40);
    const failure = { method, path, status: 404, errcode: 'M_NOT_FOUND', retryAfterMs: null };
    throw new MatrixRequestError({ ...failure, reason: 'no', retryable: false });
  });
  expect(ends).toEqual(['unreachable', 'unreachable', 'limited']);
  expect(costs.map(({ bytes, waitMs }) => [bytes, waitMs > 30])).toEqual([
    [0, true],
    [0, true],
  ]);
});

it('a file that is too large costs as much as one of the greatest size', async () => {
  const { ends, costs } = await sendThree(async () => {
    throw new MediaTooLargeError(100);
  });
  expect(ends).toEqual(['too_large', 'too_large', 'limited']);
  expect(costs.map(({ bytes }) => bytes)).toEqual([100, 100]);
});

it('after too many files that did not come nobody waits for any: the messages go on without them', async () => {
  let asked = 0;
  const { ends } = await sendThree(async (method, path) => {
    asked += 1;
    const failure = { method, path, status: 404, errcode: 'M_NOT_FOUND', retryAfterMs: null };
    throw new MatrixRequestError({ ...failure, reason: 'no', retryable: false });
  }, 10);
  expect([ends, asked]).toEqual([['unreachable', 'unreachable', 'unreachable'], 2]);
});
