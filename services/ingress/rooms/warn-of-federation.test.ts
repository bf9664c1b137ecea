import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { MatrixRequestError } from '#matrix/errors';
import type { MatrixRequest } from '#matrix/matrix-client';
import { warnOfFederation } from './warn-of-federation.ts';

const { signal } = new AbortController();
const log = pino({ level: 'silent' });

function said(reviewers: string[], request: MatrixRequest): Promise<readonly string[]> {
  const lists = { allowedRooms: [], openRooms: [], allowedInviters: [] };
  const policy = { adminRoom: '!admin:home.example', reviewers, ...lists };
  return warnOfFederation(
    { client: { userId: '@bot:home.example', deviceId: null, request }, policy, log },
    signal,
  );
}

const answers =
  (content: object): MatrixRequest =>
  async () =>
    content;
const refuses =
  (status: number): MatrixRequest =>
  async (method, path) => {
    const failure = { method, path, status, errcode: null, retryAfterMs: null, reason: 'no' };
    throw new MatrixRequestError({ ...failure, retryable: status >= 500 });
  };

describe('T3: at the start', () => {
  it('nothing is said where reviewers and admin room are of one server', async () => {
    expect(await said(['@rita:home.example'], answers({ 'm.federate': false }))).toEqual([]);
  });

  it('reviewers of another server are named for what they are, lookalikes of the own server too', async () => {
    const foreign = ['@rita:home.example', '@ron:home.example:8448', '@ruth:elsewhere.example'];
    const [text, ...more] = await said(foreign, answers({ 'm.federate': false }));
    expect(text).toContain('another server');
    expect(more).toEqual([]);
  });

  it('an admin room that other servers may join is told, and one that the bot is not in', async () => {
    expect((await said([], answers({})))[0]).toContain('m.federate');
    expect((await said([], refuses(403)))[0]).toContain('not in the admin room');
    expect(await said([], refuses(502))).toEqual([]);
  });
});
