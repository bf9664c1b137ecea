import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { WebSocket } from 'ws';
import { createSignInCode } from '#operations/gateway/sign-in-code';
import { json, startGateway, type TestGateway } from '../support/start-gateway.ts';

const redisUrl = inject('redisUrl');
const rita = '@rita:localhost';
const session = '!room:localhost:main:@ana:localhost';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway(redisUrl, { SIGN_INS_PER_MINUTE: '1000' });
});
afterAll(() => gateway[Symbol.asyncDispose]());

async function open(url: string, protocols: string[], headers: Record<string, string> = {}) {
  const socket = new WebSocket(url, protocols, { headers });
  const outcome = Promise.race([
    once(socket, 'message').then(([data]) => JSON.parse(String(data)) as { frame: string }),
    once(socket, 'close').then(([code]) => ({ frame: `closed ${code}` })),
    new Promise<{ frame: string }>((resolve) => {
      socket.once('unexpected-response', (_request, response) => {
        response.resume();
        resolve({ frame: `refused ${response.statusCode}` });
      });
    }),
  ]);
  socket.on('error', () => undefined);
  const { frame } = await outcome;
  socket.terminate();
  return frame;
}

describe('T25: sockets', () => {
  const live = () => `${gateway.url.replace('http', 'ws')}/api/v1/live/${encodeURIComponent(session)}`;
  const ticketOf = async (user = rita) => {
    const answer = await gateway.as(user, 'viewer')('/api/v1/tickets', { method: 'POST' });
    return (answer.body as { ticket: string }).ticket;
  };

  it('T17: open by a ticket once, however many come with it at once', async () => {
    const ticket = await ticketOf();
    const frames = await Promise.all(
      Array.from({ length: 8 }, () => open(live(), ['vagent', `ticket.${ticket}`])),
    );
    expect(frames.filter((frame) => frame === 'hello')).toHaveLength(1);
    expect(frames.filter((frame) => frame === 'refused 401')).toHaveLength(7);
  });

  it('are refused to a ticket that is none, or that comes with somebody else’s token', async () => {
    expect(await open(live(), ['vagent', `ticket.${'x'.repeat(43)}`])).toBe('refused 401');
    expect(await open(live(), ['vagent', 'ticket.*'])).toBe('refused 401');
    const authorization = `Bearer ${await gateway.token('@eve:localhost', 'viewer')}`;
    expect(await open(live(), ['vagent', `ticket.${await ticketOf()}`], { authorization })).toBe(
      'refused 401',
    );
  });

  it('are refused to foreign pages, whatever they bring', async () => {
    const { cookie } = await gateway.signIn(rita, 'viewer');
    const origin = 'https://evil.test';
    expect(await open(live(), ['vagent'], { cookie, origin })).toBe('refused 401');
    expect(await open(live(), ['vagent', `ticket.${await ticketOf()}`], { origin })).toBe('refused 401');
    expect(await open(live(), ['vagent'], { cookie })).toBe('refused 401');
    expect(await open(live(), ['vagent'], { cookie, origin: gateway.url })).toBe('hello');
  });

  it('do not open by a token in the query string', async () => {
    const token = await gateway.token(rita, 'viewer');
    expect(await open(`${live()}?token=${token}&access_token=${token}`, ['vagent'])).not.toBe('hello');
  });
});

describe('T17: single use', () => {
  it('a code signs in one of twenty that come with it at once', async () => {
    const code = await createSignInCode(gateway.transport, { user: rita, name: 'Rita', role: 'viewer' });
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => gateway.ask('/api/v1/sign-in', json('POST', { code }))),
    );
    expect(answers.map(({ status }) => status).filter((status) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(19);
  });

  it('refuses codes that are guessed, and counts them', async () => {
    const count = async () =>
      await gateway.metrics.registry.getSingleMetricAsString('vagent_gateway_sign_ins_total');
    for (const code of ['x'.repeat(43), 'x'.repeat(16), '*'.repeat(43), `${'x'.repeat(42)}\n`]) {
      expect(await gateway.ask('/api/v1/sign-in', json('POST', { code }))).toMatchObject({ status: 401 });
    }
    expect(await count()).toMatch(/outcome="refused".* \d+/);
  });

  it('limits how often one address may try', async () => {
    await using strict = await startGateway(redisUrl, { SIGN_INS_PER_MINUTE: '3' });
    const attempt = () => strict.ask('/api/v1/sign-in', json('POST', { code: 'x'.repeat(43) }));
    for (let tries = 0; tries < 3; tries++) expect((await attempt()).status).toBe(401);
    const refused = await attempt();
    expect(refused).toMatchObject({ status: 429, body: { code: 'too_many_requests' } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});

describe('T11: limits of requests', () => {
  it('hold for a caller on all addresses and for an address of all callers', async () => {
    await using narrow = await startGateway(redisUrl, {
      CALLER_REQUESTS_PER_MINUTE: '4',
      ADDRESS_REQUESTS_PER_MINUTE: '10',
    });
    const ask = (user: string) => narrow.as(user, 'viewer')('/api/v1/me');
    const own = [];
    for (let tries = 0; tries < 5; tries++) own.push((await ask(rita)).status);
    expect(own).toEqual([200, 200, 200, 200, 429]);
    expect((await ask('@ron:localhost')).status).toBe(200);
    const rest = [];
    for (let tries = 0; tries < 5; tries++) rest.push((await narrow.ask('/api/v1/ways-in')).status);
    expect(rest).toEqual([200, 200, 200, 200, 429]);
    expect((await narrow.ask('/health')).status).toBe(200);
  });
});
