import { describe, expect, it } from 'vitest';
import { MatrixRequestError } from '#matrix/errors';
import type { MatrixRequest } from '#matrix/matrix-client';
import { backfillGap } from './backfill-gap.ts';

const userId = '@bot:localhost';
const { signal } = new AbortController();

const message = (n: number) => ({
  event_id: `$${n}`,
  sender: '@a:localhost',
  type: 'm.room.message',
  content: { msgtype: 'm.text', body: `${n}` },
});

/** Pages of a past, newest first, that end at `pages.length`. */
function past(pages: unknown[][]): MatrixRequest {
  return async (_method, _path, options) => {
    const at = Number(options?.query?.['from']);
    return { chunk: pages[at] ?? [], ...(at < pages.length ? { end: String(at + 1) } : {}) };
  };
}

const gap = { room: '!r:localhost', from: '0', to: 'before' };
const run = (request: MatrixRequest, maxEvents = 100) =>
  backfillGap({ request, userId, filter: '{}', maxEvents }, gap, signal);
const ids = (events: readonly object[]) => events.map((event) => Reflect.get(event, 'eventId'));

describe('backfillGap', () => {
  it('gives events oldest first, past pages that a filter left empty', async () => {
    const { events, missing } = await run(past([[message(4), message(3)], [], [message(2), message(1)]]));
    expect(ids(events)).toEqual(['$1', '$2', '$3', '$4']);
    expect(missing).toBeNull();
  });

  it('ends where the bot joined', async () => {
    const join = {
      event_id: '$join',
      sender: userId,
      type: 'm.room.member',
      state_key: userId,
      content: { membership: 'join' },
    };
    const { events, missing } = await run(past([[message(3)], [message(2), join, message(1)], [message(0)]]));
    expect(ids(events)).toEqual(['$1', '$join', '$2', '$3']);
    expect(missing).toBeNull();
  });

  it('stops at its limit and says so, with the newest events', async () => {
    const { events, missing } = await run(past([[message(3)], [message(2)], [message(1)]]), 2);
    expect(ids(events)).toEqual(['$2', '$3']);
    expect(missing).toContain('more than 2 events');
  });

  it('says so when the homeserver refuses, with what was read', async () => {
    const forbidden = {
      method: 'GET',
      path: '/messages',
      status: 403,
      errcode: 'M_FORBIDDEN',
      retryAfterMs: null,
    };
    const pages = past([[message(2)]]);
    const { events, missing } = await run(async (method, path, options) => {
      if (options?.query?.['from'] !== '0') {
        throw new MatrixRequestError({ ...forbidden, reason: 'was answered 403', retryable: false });
      }
      return pages(method, path, options);
    });
    expect(ids(events)).toEqual(['$2']);
    expect(missing).toContain('403');
  });

  it('rejects when the homeserver may answer later', async () => {
    const failed = { method: 'GET', path: '/messages', status: null, errcode: null, retryAfterMs: null };
    const request = () =>
      Promise.reject(new MatrixRequestError({ ...failed, reason: 'failed', retryable: true }));
    await expect(run(request)).rejects.toThrow(MatrixRequestError);
  });
});
