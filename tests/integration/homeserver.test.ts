import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHomeserver, type Homeserver } from '../../services/homeserver/homeserver.ts';
import { eventually } from '../support/eventually.ts';
import { startRecordingAppservice } from '../support/homeserver-appservice.ts';
import { startHomeserverProcess } from '../support/homeserver-process.ts';
import { type MatrixEvent, MatrixUser } from '../support/matrix-user.ts';

const sendPath = (roomId: string, txnId: string): string =>
  `/v3/rooms/${encodeURIComponent(roomId)}/send/m.room.message/${txnId}`;
const message = (body: string): { msgtype: string; body: string } => ({ msgtype: 'm.text', body });

describe('scripts of the embedded homeserver', () => {
  let homeserver: Homeserver;
  let alice: MatrixUser;
  let room: string;

  beforeEach(async () => {
    homeserver = createHomeserver();
    await homeserver.start();
    alice = await MatrixUser.register(homeserver.url, 'alice');
    room = await alice.createRoom();
  });
  afterEach(() => homeserver.stop());

  const bodies = async (): Promise<unknown[]> =>
    (await alice.timeline(room))
      .filter(({ type }) => type === 'm.room.message')
      .map(({ content }) => content['body']);
  const put = (txnId: string, body = txnId): Promise<Response> =>
    alice.fetch('PUT', sendPath(room, txnId), { body: message(body) });
  const roomSync = async (
    since: string,
  ): Promise<{ events: MatrixEvent[]; limited: boolean; next: string }> => {
    const synced = await alice.sync({ since });
    const rooms = synced['rooms'] as {
      join?: Record<string, { timeline: { events: MatrixEvent[]; limited: boolean } }>;
    };
    const timeline = rooms?.join?.[room]?.timeline ?? { events: [], limited: false };
    return { ...timeline, next: String(synced['next_batch']) };
  };

  it.each([{ header: '1.5', bodyMs: 1500 }, { header: '30' }, { bodyMs: 86_400_000 }, {}])(
    'answers the next requests with 429 and %j, without applying them',
    async (retry) => {
      await homeserver.script({ action: 'rate-limit', method: 'PUT', path: '/send/', times: 2, ...retry });
      for (const txnId of ['a', 'b']) {
        const response = await put(txnId);
        expect(response.status).toBe(429);
        expect(response.headers.get('retry-after')).toBe(retry.header ?? null);
        const answer = (await response.json()) as Record<string, unknown>;
        expect([answer['errcode'], answer['retry_after_ms']]).toEqual(['M_LIMIT_EXCEEDED', retry.bodyMs]);
      }
      expect((await put('a')).status).toBe(200);
      expect(await bodies()).toEqual(['a']);
    },
  );

  it('plays a fault only on the user it names', async () => {
    const bob = await MatrixUser.register(homeserver.url, 'bob');
    await homeserver.script({ action: 'fail-before', path: 'whoami', user: bob.userId, status: 503 });
    expect((await alice.fetch('GET', '/v3/account/whoami')).status).toBe(200);
    expect((await bob.fetch('GET', '/v3/account/whoami')).status).toBe(503);
  });

  it('hides the success of an applied request behind a 502, and deduplicates the retry', async () => {
    await homeserver.script({ action: 'fail-after', path: '/send/', html: true });
    const hidden = await put('t1', 'once');
    expect([hidden.status, hidden.headers.get('content-type')]).toEqual([
      502,
      expect.stringContaining('text/html'),
    ]);
    expect((await put('t1', 'once')).status).toBe(200);
    expect(await bodies()).toEqual(['once']);
  });

  it('cuts the connection after applying a request', async () => {
    await homeserver.script({ action: 'cut-after', path: '/send/' });
    await expect(put('t1', 'once')).rejects.toThrow();
    expect((await put('t1', 'once')).status).toBe(200);
    expect(await bodies()).toEqual(['once']);
  });

  it('answers a garbage page with 200, and delays', async () => {
    await homeserver.script({ action: 'garbage', path: 'joined_rooms' });
    expect(await (await alice.fetch('GET', '/v3/joined_rooms')).text()).toContain('<html>');
    await homeserver.script({ action: 'delay', path: 'joined_rooms', ms: 120 });
    const startedAt = performance.now();
    expect((await alice.fetch('GET', '/v3/joined_rooms')).status).toBe(200);
    expect(performance.now() - startedAt).toBeGreaterThan(110);
  });

  it('hangs until the scripts are cleared', async () => {
    await homeserver.script({ action: 'hang', path: 'joined_rooms' });
    const answer = alice.fetch('GET', '/v3/joined_rooms').then(
      () => 'answered',
      () => 'cut',
    );
    await eventually(() => homeserver.requests().some(({ path }) => path.endsWith('joined_rooms')));
    await homeserver.script({ action: 'clear' });
    expect(await answer).toBe('cut');
    expect((await alice.fetch('GET', '/v3/joined_rooms')).status).toBe(200);
  });

  it('repeats a sync answer word for word, then goes on', async () => {
    const since = String((await alice.sync())['next_batch']);
    await alice.say(room, 'one');
    await homeserver.script({ action: 'repeat-sync', user: alice.userId });
    const first = await roomSync(since);
    const again = await roomSync(first.next);
    expect(again).toEqual(first);
    expect((await roomSync(again.next)).events).toEqual([]);
  });

  it('limits a timeline and shows an event twice on demand', async () => {
    const since = String((await alice.sync())['next_batch']);
    for (const body of ['one', 'two', 'three']) await alice.say(room, body);
    await homeserver.script({ action: 'limit-timeline', limit: 1 });
    const limited = await roomSync(since);
    expect([limited.limited, limited.events.map(({ content }) => content['body'])]).toEqual([
      true,
      ['three'],
    ]);
    await homeserver.script({ action: 'repeat-event' });
    const twice = await roomSync(since);
    expect(twice.events.map(({ content }) => content['body'])).toEqual(['one', 'two', 'three', 'three']);
    expect((await roomSync(since)).events).toHaveLength(3);
  });

  it('refuses a script with a field that is wrong', async () => {
    const wrong = { action: 'delay', path: 'x', ms: -1 } as const;
    await expect(homeserver.script(wrong)).rejects.toThrow(/ms/);
  });

  it('logs method, path, transaction id, user and status of each request', async () => {
    await put('logged');
    const entry = await eventually(() =>
      homeserver.requests().find(({ txnId, status }) => txnId === 'logged' && status),
    );
    expect(entry).toMatchObject({ method: 'PUT', user: alice.userId, status: 200, at: expect.any(Number) });
    expect(entry.path).toContain('/send/m.room.message/logged');
  });
});

describe('the bounds of the embedded homeserver', () => {
  it('takes JSON up to its limit and files up to theirs, and says of more that it is too large', async () => {
    await using homeserver = createHomeserver({ maxBodyBytes: 4_000, maxUploadBytes: 9_000 });
    await homeserver.start();
    const alice = await MatrixUser.register(homeserver.url, 'alice');
    const set = (text: string) =>
      alice.fetch('PUT', `/v3/user/${encodeURIComponent(alice.userId)}/account_data/x`, { body: { text } });
    const upload = (bytes: number) =>
      fetch(`${homeserver.url}/_matrix/media/v3/upload`, {
        method: 'POST',
        headers: { authorization: `Bearer ${alice.accessToken}` },
        body: 'x'.repeat(bytes),
      });
    expect((await set('x'.repeat(3_000))).status).toBe(200);
    const refused = await set('x'.repeat(5_000));
    expect([refused.status, await refused.json()]).toEqual([
      413,
      expect.objectContaining({ errcode: 'M_TOO_LARGE' }),
    ]);
    expect((await upload(9_000)).status).toBe(200);
    expect((await upload(9_001)).status).toBe(413);
  });

  it('sends to whatever a client calls a user, also where nobody has that name', async () => {
    await using homeserver = createHomeserver();
    await homeserver.start();
    const alice = await MatrixUser.register(homeserver.url, 'alice');
    const body = { messages: { error: { '*': { text: 'hello' } } } };
    expect((await alice.fetch('PUT', '/v3/sendToDevice/m.test/1', { body })).status).toBe(200);
  });
});

describe('the appservice side of the embedded homeserver', () => {
  it('backs off 2, 4, 8 steps from a failing appservice, and resends a delivered transaction on demand', async () => {
    await using appservice = await startRecordingAppservice();
    await using homeserver = createHomeserver({ appservices: [appservice.registration], backoffUnitMs: 40 });
    await homeserver.start();
    const alice = await MatrixUser.register(homeserver.url, 'alice');
    appservice.answerWith(503);
    const startedAt = performance.now();
    await alice.createRoom({ invite: ['@_agent_x:localhost'] });
    await eventually(() => appservice.received.length >= 3);
    // Two waits lie between three attempts: 2 and 4 steps.
    expect(performance.now() - startedAt).toBeGreaterThan(6 * 40 - 10);
    expect(new Set(appservice.received.map(({ txnId }) => txnId)).size).toBe(1);
    // Counted first: on a busy machine the next attempt may come at once.
    const attempts = appservice.received.length;
    appservice.answerWith(200);
    await eventually(() => appservice.received.length > attempts, { withinMs: 15_000 });
    await eventually(async () => {
      await homeserver.script({ action: 'resend-transaction', appservice: 'vagent-test' });
      return true;
    });
    const last = appservice.received.slice(-2);
    expect(last[0]).toEqual(last[1]);
  });
});

describe('the embedded homeserver as a process', () => {
  it('keeps accounts, rooms, events, transaction ids and the appservice queue over kill -9', async () => {
    await using appservice = await startRecordingAppservice();
    await using server = await startHomeserverProcess({ appservice: appservice.registration });
    const alice = await MatrixUser.register(server.url, 'alice', server);
    const room = await alice.createRoom({ invite: ['@_agent_x:localhost'] });
    const since = String((await alice.sync())['next_batch']);
    appservice.answerWith(500);
    const attempts = appservice.received.length;
    const first = await alice.send(room, message('kept'), { txnId: 'kept' });
    await eventually(() => appservice.received.length > attempts);
    await server.kill();
    appservice.answerWith(200);
    await server.start();
    expect(await alice.send(room, message('kept'), { txnId: 'kept' })).toBe(first);
    const synced = await alice.sync({ since });
    expect(JSON.stringify(synced)).toContain(first);
    const again = await MatrixUser.login(server.url, 'alice', { deviceId: alice.deviceId });
    expect(again.deviceId).toBe(alice.deviceId);
    const carriers = (eventId: string): string[] =>
      appservice.received
        .filter(({ events }) => events.some(({ event_id }) => event_id === eventId))
        .map(({ txnId }) => txnId);
    await eventually(() => carriers(first).length > 0);
    const pushed = new Set(
      appservice.received.flatMap(({ events }) => events.map(({ event_id }) => event_id)),
    );
    for (const eventId of pushed) expect(new Set(carriers(eventId)).size).toBe(1);
  });

  it('takes scripts and shows its request log only with the script token', async () => {
    await using server = await startHomeserverProcess();
    const alice = await MatrixUser.register(server.url, 'alice');
    const denied = await fetch(`${server.url}/_vagent/script`, {
      method: 'POST',
      body: '{"action":"clear"}',
    });
    expect(denied.status).toBe(401);
    await server.script({ action: 'fail-before', path: 'whoami' });
    expect((await alice.fetch('GET', '/v3/account/whoami')).status).toBe(502);
    expect((await server.requests()).some(({ path }) => path.endsWith('whoami'))).toBe(true);
    await expect(server.script({ action: 'delay', ms: -1 })).rejects.toThrow(/400/);
  });

  it('refuses to listen on anything but loopback, with a non-zero exit and the reason', async () => {
    const main = fileURLToPath(new URL('../../services/homeserver/main.ts', import.meta.url));
    const env = { ...process.env, HOMESERVER_HOST: '0.0.0.0', HOMESERVER_PORT: '0' };
    const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    expect(code).toBe(1);
    expect(output).toContain('listens on loopback only, not on 0.0.0.0');
  });
});
