import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { publicRoutes } from '../../services/gateway/auth/public-routes.ts';
import { json, startGateway, type TestGateway } from '../support/start-gateway.ts';

const redisUrl = inject('redisUrl');
const session = '!room:localhost:main:@ana:localhost';
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway(redisUrl);
});
afterAll(() => gateway[Symbol.asyncDispose]());

describe('what answers whom', () => {
  it('answers nobody unknown but on the public routes', async () => {
    const line = gateway.lines.find((one) => one.includes('"msg":"Routes"')) ?? '{}';
    const { routes } = JSON.parse(line) as { routes: string[] };
    expect(routes.length).toBeGreaterThan(30);
    const guarded = routes.filter((route) => !publicRoutes.includes(route.replace(/^HEAD /, 'GET ')));
    expect(guarded.length).toBeGreaterThan(25);
    for (const route of guarded) {
      const [method = '', path = ''] = route.split(' ');
      const address = path.replaceAll(/:\w+/g, encodeURIComponent(session));
      const init = ['POST', 'PUT'].includes(method) ? json(method, {}) : { method };
      expect([route, (await gateway.ask(address, init)).status]).toEqual([route, 401]);
    }
  });

  it('sends every page with a policy that loads nothing from elsewhere, and says nothing of itself', async () => {
    for (const path of ['/', '/api/v1/ways-in', '/api/v1/me', '/nothing-here']) {
      const { headers } = await gateway.ask(path);
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'self'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toMatch(/unsafe|\*/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-powered-by')).toBeNull();
      expect(headers.get('access-control-allow-origin')).toBeNull();
    }
  });

  it('lets pages of other origins call only where they are named, and never with a cookie', async () => {
    await using open = await startGateway(redisUrl, { CORS_ORIGINS: 'https://app.example.org' });
    const preflight = (origin: string) =>
      open.ask('/api/v1/sessions', {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'GET' },
      });
    const named = await preflight('https://app.example.org');
    expect(named.headers.get('access-control-allow-origin')).toBe('https://app.example.org');
    expect(named.headers.get('access-control-allow-credentials')).toBeNull();
    expect((await preflight('https://evil.test')).headers.get('access-control-allow-origin')).toBeNull();
    expect((await preflight('null')).headers.get('access-control-allow-origin')).toBeNull();
  });

  it('shows metrics to neighbours, and with METRICS_TOKEN to who has it', async () => {
    expect((await gateway.ask('/metrics')).status).toBe(200);
    const passedOn = { headers: { 'x-forwarded-for': '203.0.113.7' } };
    expect((await gateway.ask('/metrics', passedOn)).status).toBe(401);
    await using closed = await startGateway(redisUrl, { METRICS_TOKEN: 'a token for metrics' });
    expect((await closed.ask('/metrics')).status).toBe(401);
    expect((await closed.ask('/metrics', bearer('a token for metricz'))).status).toBe(401);
    expect((await closed.ask('/metrics', bearer('a token for metrics'))).status).toBe(200);
  });
});

describe('T23: ids that are patterns', () => {
  const patterns = [
    '*',
    '[a-z]',
    '?',
    '%2A',
    '..',
    '../..',
    '\n',
    '\0',
    "'",
    '"',
    '{0}',
    '$',
    'x'.repeat(4_000),
  ];

  it('match nothing but themselves', async () => {
    const { redis, keys } = gateway.transport;
    // What a pattern would match: a conversation, an approval, a dead letter.
    await redis.hset(keys.session(0, session), 'lastTurnAt', new Date().toISOString());
    await redis.hset(keys.approval(0, 'A'.repeat(20)), 'record', '{}');
    await redis.xadd(keys.stream(0, 'dead'), '*', 'type', 'x', 'reason', 'y');
    const ask = gateway.as('@olga:localhost', 'operator');
    for (const pattern of [...patterns, ...patterns.map((one) => `!${one}:localhost:main:@ana:localhost`)]) {
      const id = encodeURIComponent(pattern);
      for (const path of [
        `/api/v1/sessions/${id}`,
        `/api/v1/sessions/${id}/timeline`,
        `/api/v1/approvals/${id}`,
        `/api/v1/dead-letters/${id}`,
        `/api/v1/turns/${id}`,
      ]) {
        const { status, body } = await ask(path);
        expect([path.slice(0, 200), status]).toEqual([path.slice(0, 200), expect.toSatisfy(isRefusal)]);
        expect(JSON.stringify(body)).not.toContain('AAAAAAAA');
      }
    }
  });

  const isRefusal = (status: number): boolean => status === 400 || status === 404 || status === 414;
});

describe('bad input', () => {
  it('an event stream is not asked for its head: it would have no end', async () => {
    const path = `/api/v1/sessions/${encodeURIComponent(session)}/events`;
    const signal = AbortSignal.timeout(20_000);
    const head = await gateway.as('@vera:localhost', 'viewer')(path, { method: 'HEAD', signal });
    expect(head.status).toBe(404);
  });

  const ask = (path: string, init: RequestInit) => gateway.as('@olga:localhost', 'operator')(path, init);

  it('a body of ten megabytes is refused before it is read', async () => {
    const big = JSON.stringify({ message: 'x'.repeat(10_000_000) });
    // The gateway may hang up while the rest is still on its way: that is a refusal too.
    const answer = await ask('/api/v1/process_message', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: big,
    }).catch(() => undefined);
    if (answer !== undefined) expect(answer).toMatchObject({ status: 413, body: { code: 'too_large' } });
    const barely = JSON.stringify({ message: 'x'.repeat(300_000) });
    expect(
      await ask('/api/v1/process_message', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: barely,
      }),
    ).toMatchObject({ status: 413, body: { code: 'too_large' } });
    expect((await gateway.ask('/health')).status).toBe(200);
  });

  it('is answered with what is wrong with it', async () => {
    const { redis, keys } = gateway.transport;
    const letter = await redis.xadd(keys.stream(0, 'dead'), '*', 'type', 'x', 'reason', 'y');
    const settle = `/api/v1/dead-letters/0:${letter}/drop`;
    const before = gateway.lines.length;
    // Deeper than a schema that recurses can follow.
    const deep = `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`;
    const edit = `{"decision":"edit","digests":["x"],"decision_id":"a-decision","edit":${deep}}`;
    const cases: [string, RequestInit, number][] = [
      [settle, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"dry_run":' }, 400],
      [settle, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '' }, 400],
      [settle, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'dry_run=false' }, 400],
      [
        settle,
        {
          method: 'POST',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          body: 'dry_run=false',
        },
        400,
      ],
      [settle, json('POST', { dryrun: false }), 400],
      [settle, json('POST', { dry_run: 'false' }), 400],
      [settle, json('POST', []), 400],
      [
        settle,
        {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: '{"__proto__":{"dry_run":false}}',
        },
        400,
      ],
      ['/api/v1/switches', json('PUT', { scope: 'galaxy', name: '*', off: true, because: 'x' }), 400],
      ['/api/v1/switches', json('PUT', { scope: 'all', name: 'x', off: true, because: 'x' }), 400],
      ['/api/v1/sessions?count=0', {}, 400],
      ['/api/v1/sessions?count=1e9', {}, 400],
      ['/api/v1/sessions?cuont=1', {}, 400],
      ['/api/v1/audit?partition=99', {}, 400],
      ['/api/v1/audit?partition=-1', {}, 400],
      ['/api/v1/approvals?status=all', {}, 400],
      [`/api/v1/sessions/${encodeURIComponent(session)}/timeline?before=1`, {}, 400],
      ['/api/v1/sessions/%ZZ', {}, 400],
      ['/api/v1/sessions/x/events', {}, 400],
      [`/api/v1/approvals/${'A'.repeat(20)}/decision`, { ...json('POST', {}), body: edit }, 400],
    ];
    for (const [path, init, status] of cases) {
      const answer = await ask(path, init);
      expect([path, String(init.body), answer.status]).toEqual([path, String(init.body), status]);
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
      expect(answer.body).toMatchObject({ status, detail: expect.stringMatching(/.{10}/) });
    }
    const dead = keys.stream(0, 'dead');
    expect(await redis.xrange(dead, letter ?? '', letter ?? '')).toHaveLength(1);
    expect(gateway.lines.slice(before).join('')).not.toContain('"level":"error"');
  });
});
