import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { apiSessionOf, apiUserOf } from '#contract/api-session';
import { closeCodes } from '../../services/gateway/api/live.ts';
import { readEvents } from '../../services/gateway/live/read-events.ts';
import { eventually } from '../support/eventually.ts';
import { handshakeStatus, type LiveClient, openLiveClient } from '../support/live-client.ts';
import { startGateway, type TestGateway } from '../support/start-gateway.ts';

const session = '!room:localhost:main:@ana:localhost';
let gateway: TestGateway;
let facts = 0;

beforeAll(async () => {
  gateway = await startGateway(inject('redisUrl'), {
    CALLER_REQUESTS_PER_MINUTE: '100000',
    ADDRESS_REQUESTS_PER_MINUTE: '100000',
    LIVE_SLOW_SECONDS: '600',
  });
});
afterAll(() => gateway[Symbol.asyncDispose]());

/** As a worker ends a turn. */
async function reply(to: string, text: string): Promise<void> {
  facts += 1;
  await gateway.transport.publisher.publish('outbound', {
    type: 'reply.finished',
    id: `$turn${facts}#reply`,
    session: to,
    turn: `$turn${facts}`,
    at: new Date().toISOString(),
    body: { reply: `$turn${facts}`, text, replyTo: null, revision: 0 },
  });
}

async function viewer(of: string | null): Promise<LiveClient> {
  return openLiveClient(gateway.url, of, await gateway.token('@vera:localhost', 'viewer'));
}

describe('a live socket', () => {
  it('says hello, tells what happens, and answers a ping', async () => {
    await using client = await viewer(session);
    await client.has('hello');
    expect(client.frames[0]).toEqual({ frame: 'hello', session, heartbeatSeconds: 25 });
    await client.has('current');
    await reply(session, 'one');
    await reply('!other:localhost:main:@ana:localhost', 'not ours');
    await reply(session, 'two');
    await eventually(() => client.events().length === 2);
    expect(client.texts()).toEqual(['one', 'two']);
    client.send({ frame: 'ping' });
    await client.has('pong');
  });

  it('resumes from a cursor: what was missed comes first, and nothing twice', async () => {
    const of = '!resume:localhost:main:@ana:localhost';
    await reply(of, 'seen');
    const { cursor } = await readEvents(gateway.transport, of, { limit: 1 });
    await reply(of, 'missed 1');
    await reply(of, 'missed 2');
    await using client = await viewer(of);
    await client.has('hello');
    client.send({ frame: 'resume', after: cursor });
    await reply(of, 'live');
    await eventually(() => client.texts().includes('live'));
    expect(client.texts()).toEqual(['missed 1', 'missed 2', 'live']);
    client.send({ frame: 'resume', after: cursor });
    expect(await client.closed()).toBe(1008);
  });

  it('tells everything of all sessions to a viewer', async () => {
    await using client = await viewer(null);
    await client.has('current');
    const sessions = [1, 2, 3, 4, 5].map((n) => `!all${n}:localhost:main:@ana:localhost`);
    for (const of of sessions) await reply(of, of);
    await eventually(() => client.events().length >= 5);
    expect(
      client
        .events()
        .map((event) => event.session)
        .sort(),
    ).toEqual(sessions);
  });

  it('T25: is closed for who may not see the session, or all of them', async () => {
    const foreign = apiSessionOf(apiUserOf('ben'), 'main');
    const token = await gateway.token('ana', 'user');
    for (const of of [session, foreign, null]) {
      await using client = openLiveClient(gateway.url, of, token);
      expect(await client.closed()).toBe(closeCodes.forbidden);
      expect(client.frames).toEqual([]);
    }
    const bound = await gateway.token('@vera:localhost', 'viewer', { session });
    await using all = openLiveClient(gateway.url, null, bound);
    expect(await all.closed()).toBe(closeCodes.forbidden);
    const path = `/api/v1/sessions/${encodeURIComponent(foreign)}/events`;
    expect((await gateway.as('ana', 'user')(path)).status).toBe(403);
  });

  it('T25: takes a token as the first frame, and lets go who sends none, or a wrong one', async () => {
    const opened = [session, session, session].map((of) => openLiveClient(gateway.url, of));
    const [right, wrong, silent] = opened;
    if (right === undefined || wrong === undefined || silent === undefined) throw new Error('three');
    await eventually(() => opened.every(({ ws }) => ws.readyState === ws.OPEN));
    right.send({ frame: 'authorise', token: await gateway.token('@vera:localhost', 'viewer') });
    wrong.send({ frame: 'authorise', token: 'x.y.z' });
    await right.has('hello');
    expect(await wrong.closed()).toBe(closeCodes.unauthorised);
    expect(await silent.closed()).toBe(closeCodes.unauthorised);
    expect(right.ws.readyState).toBe(right.ws.OPEN);
    await right[Symbol.asyncDispose]();
    await using early = openLiveClient(gateway.url, session);
    await eventually(() => early.ws.readyState === early.ws.OPEN);
    early.send({ frame: 'ping' });
    expect(await early.closed()).toBe(closeCodes.unauthorised);
  });

  it('T25: is closed when the token that opened it ends, and an event stream too', async () => {
    const exp = Math.floor(Date.now() / 1_000) + 2;
    const token = await gateway.token('@vera:localhost', 'viewer', { exp });
    await using client = openLiveClient(gateway.url, session, token);
    const path = `/api/v1/sessions/${encodeURIComponent(session)}/events`;
    const stream = await gateway.ask(path, { headers: { authorization: `Bearer ${token}` } });
    expect(String(stream.body)).toMatch(/^retry: 2000\n\n[\s\S]*"because":"unauthorised"\}\n\n$/);
    expect(await client.closed()).toBe(closeCodes.unauthorised);
    expect(Date.now()).toBeGreaterThanOrEqual(exp * 1_000);
  });

  it('T25: is refused before it opens with a wrong token, a used ticket or a foreign page', async () => {
    const path = `/api/v1/live/${encodeURIComponent(session)}`;
    const authorization = `Bearer ${await gateway.token('@vera:localhost', 'viewer')}`;
    expect(await handshakeStatus(gateway.url, path, { authorization })).toBe(101);
    const foreign = { authorization, origin: 'https://evil.example' };
    expect(await handshakeStatus(gateway.url, path, foreign)).toBe(401);
    expect(await handshakeStatus(gateway.url, path, { authorization: 'Bearer x.y.z' })).toBe(401);
    expect(await handshakeStatus(gateway.url, `${path}?token=x`, {})).toBe(101);
    const ticket = { 'sec-websocket-protocol': 'vagent, ticket.unknown' };
    expect(await handshakeStatus(gateway.url, path, ticket)).toBe(401);
  });

  it('lets a caller have 50 at once, and no more', async () => {
    const token = await gateway.token(`@many${facts++}:localhost`, 'viewer');
    await using stack = new AsyncDisposableStack();
    const clients = Array.from({ length: 51 }, () => stack.use(openLiveClient(gateway.url, session, token)));
    await eventually(() => clients.filter(({ frames }) => frames.length > 0).length === 50);
    const [refused] = clients.filter(({ frames }) => frames.length === 0);
    expect(await refused?.closed()).toBe(closeCodes.tooMany);
  });

  it('opens a thousand in a moment, each of another caller, and tells each its own', async () => {
    const users = Array.from({ length: 1_000 }, (_, n) => `user ${n}`);
    const tokens = await Promise.all(users.map((user) => gateway.token(user, 'user')));
    const sessions = users.map((user) => apiSessionOf(apiUserOf(user), 'main'));
    await using stack = new AsyncDisposableStack();
    const clients = sessions.map((of, n) => stack.use(openLiveClient(gateway.url, of, tokens[n])));
    await eventually(() => clients.every(({ frames }) => frames.length >= 2), {
      withinMs: 60_000,
      what: 'all are current',
    });
    await Promise.all(sessions.map((of, n) => reply(of, `for ${n}`)));
    await eventually(() => clients.every((client) => client.texts().length > 0), { withinMs: 60_000 });
    expect(clients.map((client) => client.texts())).toEqual(users.map((_, n) => [`for ${n}`]));
  }, 360_000);

  it('stops feeding a reader that does not read, and goes on from where it was when it does', async () => {
    const of = '!slow:localhost:main:@ana:localhost';
    await using slow = await viewer(of);
    await using fast = await viewer(of);
    await slow.has('current');
    await fast.has('current');
    slow.ws.pause();
    const long = 'x'.repeat(50_000);
    for (let n = 0; n < 300; n++) await reply(of, `${n} ${long}`);
    await eventually(() => fast.events().length === 300, { withinMs: 25_000 });
    expect(slow.events().length).toBeLessThan(300);
    slow.ws.resume();
    await eventually(() => slow.events().length >= 300, { withinMs: 25_000 });
    expect(slow.events().map(({ id }) => id)).toEqual(fast.events().map(({ id }) => id));
    expect(slow.frames).toContainEqual({ frame: 'delayed', because: 'slow_reader' });
    await eventually(() => slow.frames.at(-1)?.frame === 'current');
  });

  it('is told that the gateway goes away, and an event stream ends with it', async () => {
    const own = await startGateway(inject('redisUrl'));
    const token = await own.token('@vera:localhost', 'viewer');
    await using client = openLiveClient(own.url, session, token);
    await client.has('current');
    const headers = { authorization: `Bearer ${token}` };
    const stream = await fetch(`${own.url}/api/v1/sessions/${encodeURIComponent(session)}/events`, {
      headers,
    });
    const [text] = await Promise.all([stream.text(), own[Symbol.asyncDispose]()]);
    expect(text).toMatch(/^retry: 2000\n\n[\s\S]*event: closed\ndata: \{"because":"going_away"\}\n\n$/);
    expect(await client.closed()).toBe(closeCodes.goingAway);
  });
});
