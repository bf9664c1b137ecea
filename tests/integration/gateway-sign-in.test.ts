import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createSignInCode } from '#operations/gateway/sign-in-code';
import { json, startGateway, type TestGateway } from '../support/start-gateway.ts';

const rita = '@rita:localhost';
let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway(inject('redisUrl'));
});
afterAll(() => gateway[Symbol.asyncDispose]());

describe('signing in', () => {
  it('lets a code in once, and knows the console by its cookie from then on', async () => {
    const code = await createSignInCode(gateway.transport, { user: rita, name: 'Rita', role: 'reviewer' });
    const first = await gateway.ask('/api/v1/sign-in', json('POST', { code }));
    expect(first).toMatchObject({ status: 200, body: { user: rita, name: 'Rita', role: 'reviewer' } });
    const cookie = first.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/^vagent_console=[\w-]{43}; .*HttpOnly; SameSite=Strict$/);
    expect(await gateway.ask('/api/v1/sign-in', json('POST', { code }))).toMatchObject({
      status: 401,
      body: { code: 'unauthorised' },
    });
    const headers = { cookie: cookie.split(';')[0] ?? '' };
    expect(await gateway.ask('/api/v1/me', { headers })).toMatchObject({ status: 200, body: { user: rita } });
  });

  it('signs out: the cookie opens nothing afterwards', async () => {
    const headers = await gateway.signIn(rita, 'viewer');
    expect(await gateway.ask('/api/v1/sign-out', { method: 'POST', headers })).toMatchObject({ status: 204 });
    expect(await gateway.ask('/api/v1/me', { headers })).toMatchObject({ status: 401 });
  });

  it('gives a ticket to whoever is signed in', async () => {
    const headers = await gateway.signIn(rita, 'viewer');
    expect(await gateway.ask('/api/v1/tickets', { method: 'POST', headers })).toMatchObject({
      status: 200,
      body: { ticket: expect.stringMatching(/^[\w-]{43}$/), expiresInSeconds: 30 },
    });
  });

  it('keeps no secret in Redis, and lets go of a console that nobody uses', async () => {
    const { cookie } = await gateway.signIn(rita, 'viewer');
    const { redis, keys } = gateway.transport;
    const found = await redis.keys(`${keys.consoleSession('').slice(0, -1)}*`);
    const kept = await Promise.all(found.map((key) => redis.get(key)));
    const secret = cookie.slice('vagent_console='.length);
    expect(secret).toHaveLength(43);
    expect(`${found}${kept}`).not.toContain(secret);
    for (const key of found) {
      expect(await redis.pttl(key)).toBeGreaterThan(11 * 3_600_000);
      expect(await redis.pttl(key)).toBeLessThanOrEqual(12 * 3_600_000);
    }
  });

  it('tells how people may sign in, to anybody', async () => {
    expect((await gateway.ask('/api/v1/ways-in')).body).toEqual({ links: true, oidc: false, tokens: true });
  });
});
