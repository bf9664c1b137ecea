import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { createRequestObserver } from './create-request-observer.ts';
import { MatrixRequestError } from './errors.ts';

const room = '/_matrix/client/v3/rooms/!secret%3Alocalhost';

function open(answer: () => Promise<unknown>) {
  const registry = new Registry();
  const observe = createRequestObserver(registry);
  const { request } = observe({ userId: '@bot:localhost', deviceId: 'D', request: answer });
  return { registry, request };
}

function failure(status: number | null, retryAfterMs: number | null = null): MatrixRequestError {
  return new MatrixRequestError({
    ...{ method: 'PUT', path: room, status, errcode: null, retryAfterMs, reason: 'failed', retryable: true },
  });
}

describe('createRequestObserver', () => {
  it.each([
    ['/_matrix/client/v3/sync', 'sync'],
    [`${room}/send/m.room.message/t1`, 'send'],
    [`${room}/typing/%40bot%3Alocalhost`, 'typing'],
    [`${room}/state/m.room.encryption`, 'state'],
    [`${room}/messages`, 'history'],
    ['/_matrix/client/v3/join/!secret%3Alocalhost', 'join'],
    ['/_matrix/client/v3/account/whoami', 'account'],
    ['/_matrix/client/versions', 'other'],
  ])('names the purpose of %s, and nothing of the path', async (path, what) => {
    const { request, registry } = open(async () => ({ ok: true }));
    expect(await request('GET', path)).toEqual({ ok: true });
    const text = await registry.metrics();
    expect(text).toContain(`vagent_matrix_requests_total{what="${what}",result="ok"} 1`);
    expect(text).not.toContain('secret');
  });

  it.each([
    [failure(429, 1_500), 'rate_limited'],
    [failure(401), 'token_refused'],
    [failure(403), 'refused'],
    [failure(502), 'server_error'],
    [failure(null), 'no_answer'],
    [failure(200), 'not_matrix'],
    [new DOMException('stopped', 'AbortError'), 'aborted'],
  ])('counts %s by its result, and throws it on', async (error, result) => {
    const { request, registry } = open(async () => Promise.reject(error));
    await expect(request('GET', room)).rejects.toBe(error);
    const text = await registry.metrics();
    expect(text).toContain(`vagent_matrix_requests_total{what="other",result="${result}"} 1`);
    const told = result === 'rate_limited' ? 1.5 : 0;
    expect(text).toContain(`vagent_matrix_told_to_wait_seconds_total ${told}`);
  });
});
