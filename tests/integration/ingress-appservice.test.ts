import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { toRegistration } from '../../services/homeserver/appservice/registration.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { startRedis } from '../support/start-redis.ts';
import { IngressWorld } from './ingress-world.ts';

const redisUrl = inject('redisUrl');
const hsToken = 'hs-token-of-this-test';
const event = {
  type: 'm.room.message',
  room_id: '!somewhere:localhost',
  event_id: '$by-hand',
  sender: '@alice:localhost',
  origin_server_ts: 1,
  content: { msgtype: 'm.text', body: 'by hand' },
};

/** A world whose bot is the appservice's sender, `@vagent-as:localhost`. */
async function start(url = redisUrl, env: Record<string, string> = {}) {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'vagent-as-'));
  const file = join(folder, 'registration.yaml');
  const registration = {
    id: 'vagent',
    url: `http://127.0.0.1:${port}`,
    as_token: 'as-token-of-this-test',
    hs_token: hsToken,
    sender_localpart: 'vagent-as',
    rate_limited: false,
    namespaces: { users: [{ exclusive: true, regex: '@_vagent_.*:localhost' }] },
  };
  // JSON is YAML.
  await writeFile(file, JSON.stringify(registration));
  const world = await IngressWorld.start(url, {
    homeserver: { appservices: [toRegistration(registration)], backoffUnitMs: 60_000 },
    env: {
      MATRIX_ACCESS_TOKEN: '',
      MATRIX_MODE: 'appservice',
      MATRIX_APPSERVICE_REGISTRATION: file,
      APPSERVICE_PORT: String(port),
      ...env,
    },
  });
  const room = async (): Promise<string> => {
    const made = await world.alice.createRoom({ invite: ['@vagent-as:localhost'], preset: 'public_chat' });
    const isIn = async () =>
      (await world.alice.timeline(made)).some(
        ({ type, sender, content }) =>
          type === 'm.room.member' && sender === '@vagent-as:localhost' && content['membership'] === 'join',
      );
    await eventually(isIn, { what: 'the bot joined' });
    return made;
  };
  const call = (method: string, path: string, options: RequestInit = {}): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}${path}`, { method, ...options });
  /** The status that is answered while the body is still awaited. */
  const answerToHead = async (path: string, headers: Record<string, string>): Promise<number | undefined> => {
    const asked = request({ host: '127.0.0.1', port, path, method: 'PUT', headers });
    asked.on('error', () => undefined);
    asked.flushHeaders();
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    asked.destroy();
    return answer.statusCode;
  };
  return {
    world,
    room,
    call,
    answerToHead,
    [Symbol.asyncDispose]: async () => {
      await world[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}

describe('ingress as an appservice', () => {
  it('joins where it is invited and publishes what is said', async () => {
    await using place = await start();
    const { world } = place;
    const ingress = await world.ingress();
    await ingress.ready();
    const room = await place.room();
    await world.alice.say(room, 'hello');
    await world.waitForTexts(['hello']);
    await world.homeserver.script({ action: 'resend-transaction', appservice: 'vagent' });
    expect(await world.texts()).toEqual(['hello']);
  });

  it('F05 gets at its start what was said while it was away, not after the homeserver’s backoff', async () => {
    await using place = await start();
    const { world } = place;
    const first = await world.ingress();
    const room = await place.room();
    await first.stop();
    const texts = ['one', 'two', 'three'];
    for (const text of texts) await world.alice.say(room, text);
    await world.ingress();
    // Sooner than the minute of the backoff.
    await world.waitForTexts(texts, 10_000);
    expect(await world.texts()).toEqual(texts);
  });

  it.each([
    { fault: 'F01', failpoint: 'ingress.before-publish:kill', published: 0 },
    { fault: 'F03', failpoint: 'ingress.before-token:kill', published: 1 },
  ])('$fault killed at $failpoint loses and doubles nothing', async ({ failpoint, published }) => {
    await using place = await start();
    const { world } = place;
    const first = await world.ingress();
    const room = await place.room();
    await first.stop();
    const doomed = world.process({ FAILPOINT: failpoint });
    await world.alice.say(room, 'one');
    await eventually(() => doomed.signalCode === 'SIGKILL', { withinMs: 20_000, what: 'it was killed' });
    expect((await world.texts()).length).toBe(published);
    await world.ingress();
    await world.alice.say(room, 'two');
    await world.waitForTexts(['one', 'two']);
    expect(await world.texts()).toEqual(['one', 'two']);
  });

  it('answers 503 while Redis refuses, and has the homeserver come back as soon as Redis takes entries', async () => {
    await using server = await startRedis();
    await using place = await start(server.url);
    const { world } = place;
    const ingress = await world.ingress();
    const room = await place.room();
    await world.redis.config('SET', 'maxmemory', '1');
    await world.alice.say(room, 'too much');
    const hasFailed = async () =>
      (await ingress.metrics.registry.metrics()).includes('{mode="appservice",outcome="failed"');
    await eventually(hasFailed, { what: 'a transaction was refused' });
    expect(await world.texts()).toEqual([]);
    const again = await place.call('PUT', '/_matrix/app/v1/transactions/by-hand', {
      headers: { authorization: `Bearer ${hsToken}` },
      body: JSON.stringify({ events: [{ ...event, room_id: room }] }),
    });
    expect(again.status).toBe(503);
    await world.redis.config('SET', 'maxmemory', '0');
    await world.waitForTexts(['too much'], 25_000);
    expect(await world.texts()).toEqual(['too much']);
  });
});

it('T9: an invite counts once for its sender, however often its transaction has to come', async () => {
  await using place = await start(redisUrl, { INVITES_PER_HOUR: '9' });
  const { world } = place;
  await world.ingress();
  const room = await place.room();
  const inviter = world.bob.userId;
  const invite = {
    ...{
      ...event,
      type: 'm.room.member',
      event_id: '$invite',
      room_id: '!nowhere:localhost',
      sender: inviter,
    },
    ...{ state_key: '@vagent-as:localhost', content: { membership: 'invite' } },
  };
  const send = async (): Promise<number> => {
    const answer = await place.call('PUT', '/_matrix/app/v1/transactions/by-hand', {
      headers: { authorization: `Bearer ${hsToken}` },
      body: JSON.stringify({ events: [invite, { ...event, room_id: room }] }),
    });
    return answer.status;
  };
  await world.homeserver.script({ action: 'fail-before', path: '/members', status: 502, times: 3 });
  expect([await send(), await send(), await send(), await send()]).toEqual([503, 503, 503, 200]);
  const tokens = Number(await world.redis.hget(world.keys.rate('inviter', inviter), 'tokens'));
  expect(Math.floor(tokens)).toBe(8);
});

describe('T16: the appservice port', () => {
  const path = '/_matrix/app/v1/transactions/1';
  const body = JSON.stringify({ events: [] });
  const bearer = { authorization: `Bearer ${hsToken}` };

  it('lets in only who has the hs_token, in the header, the query, or both alike', async () => {
    await using place = await start();
    await place.world.ingress();
    const status = async (headers: Record<string, string>, query = ''): Promise<number> =>
      (await place.call('PUT', path + query, { body, headers })).status;
    expect(await status(bearer)).toBe(200);
    expect(await status({}, `?access_token=${hsToken}`)).toBe(200);
    expect(await status(bearer, `?access_token=${hsToken}`)).toBe(200);
    expect(await status({})).toBe(403);
    expect(await status({ authorization: 'Bearer wrong' })).toBe(403);
    expect(await status({ authorization: 'Bearer ' })).toBe(403);
    expect(await status({ authorization: `Basic ${hsToken}` })).toBe(403);
    expect(await status(bearer, '?access_token=wrong')).toBe(403);
    expect(await status({ authorization: 'Bearer wrong' }, `?access_token=${hsToken}`)).toBe(403);
    expect(await status({}, `?access_token=${hsToken}&access_token=wrong`)).toBe(403);
    expect(await status({ authorization: 'Bearer as-token-of-this-test' })).toBe(403);
    const refused = await place.call('PUT', path, { body });
    expect(await refused.json()).toMatchObject({ errcode: 'M_FORBIDDEN' });
  });

  it('refuses by the head of a request, before its body has come', async () => {
    await using place = await start();
    await place.world.ingress();
    const mebibytes = (count: number): string => String(count * 1024 * 1024);
    expect(await place.answerToHead(path, { 'content-length': mebibytes(1) })).toBe(403);
    expect(await place.answerToHead(path, { ...bearer, 'content-length': mebibytes(17) })).toBe(413);
  });

  it.each([
    { name: 'text that is no JSON', method: 'PUT', path, body: '{', status: 400, errcode: 'M_NOT_JSON' },
    { name: 'no events', method: 'PUT', path, body: '{}', status: 400, errcode: 'M_BAD_JSON' },
    { name: 'JSON that is no object', method: 'PUT', path, body: '[1]', status: 400, errcode: 'M_BAD_JSON' },
    { name: 'an unknown route', method: 'GET', path: '/metrics', status: 404, errcode: 'M_UNRECOGNIZED' },
    {
      name: 'a user query',
      method: 'GET',
      path: '/_matrix/app/v1/users/@x:y',
      status: 404,
      errcode: 'M_NOT_FOUND',
    },
    {
      name: 'a room query',
      method: 'GET',
      path: '/_matrix/app/v1/rooms/%23x:y',
      status: 404,
      errcode: 'M_NOT_FOUND',
    },
  ])('answers $name with $status $errcode', async ({ method, path: where, body: sent, status, errcode }) => {
    await using place = await start();
    await place.world.ingress();
    const options = { headers: bearer, ...(sent === undefined ? {} : { body: sent }) };
    const answer = await place.call(method, where, options);
    expect([answer.status, await answer.json()]).toMatchObject([status, { errcode }]);
  });

  it('knows the bot and the ghosts that there are, and makes none because somebody asks', async () => {
    await using place = await start();
    const { world } = place;
    await world.ingress();
    const ask = async (user: string, headers: Record<string, string> = bearer): Promise<number> =>
      (await place.call('GET', `/_matrix/app/v1/users/${encodeURIComponent(user)}`, { headers })).status;
    expect(await ask('@_vagent_billing:localhost')).toBe(404);
    await fetch(`${world.homeserver.url}/_matrix/client/v3/register`, {
      method: 'POST',
      headers: { authorization: 'Bearer as-token-of-this-test' },
      body: JSON.stringify({ type: 'm.login.application_service', username: '_vagent_billing' }),
    });
    expect(await ask('@_vagent_billing:localhost')).toBe(200);
    expect(await ask('@vagent-as:localhost')).toBe(200);
    expect(await ask(world.alice.userId)).toBe(404);
    expect(await ask('@vagent-as:localhost', {})).toBe(403);
    expect((await place.call('GET', '/_matrix/app/v1/users/%E0%A4%A', { headers: bearer })).status).toBe(400);
  });

  it('takes the events of a transaction and leaves all else in it alone, whatever it holds', async () => {
    await using place = await start(redisUrl);
    const { world } = place;
    await world.ingress();
    const room = await place.room();
    const others = {
      ephemeral: [{ type: 'm.typing', room_id: room, content: { user_ids: 5 } }, null, 'x'],
      'de.sorunome.msc2409.ephemeral': 'no list',
      to_device: [{ type: 'm.room_key', sender: '@evil:localhost', content: { session_key: 'x' } }],
      'de.sorunome.msc2409.to_device': [[]],
      'org.matrix.msc3202.device_lists': { changed: 'x' },
      'org.matrix.msc3202.device_one_time_keys_count': [],
    };
    const events = [{ ...event, room_id: room, event_id: '$among-others' }];
    const answer = await place.call('PUT', '/_matrix/app/v1/transactions/others', {
      headers: bearer,
      body: JSON.stringify({ ...others, events }),
    });
    expect(answer.status).toBe(200);
    expect((await world.entries()).map(({ id }) => id)).toEqual(['$among-others']);
    expect(await world.deadLetters()).toEqual([]);
  });

  it('answers a ping, and takes transactions on the legacy path', async () => {
    await using place = await start();
    await place.world.ingress();
    const ping = await place.call('POST', '/_matrix/app/v1/ping', { headers: bearer, body: '{}' });
    expect([ping.status, await ping.json()]).toEqual([200, {}]);
    expect((await place.call('PUT', '/transactions/9', { headers: bearer, body })).status).toBe(200);
  });

  it('keeps what it cannot read as dead letters and takes the rest of the transaction', async () => {
    await using place = await start(redisUrl, { OPEN_ROOMS: '!open' });
    const { world } = place;
    await world.ingress();
    const room = await place.room();
    const good = { ...event, room_id: room, event_id: '$good' };
    const events = [
      'no event',
      { ...event, room_id: room, event_id: 'not an id' },
      { ...event, room_id: room, content: { msgtype: 'm.text' } },
      {
        ...event,
        room_id: room,
        event_id: '$proto',
        content: { msgtype: 'm.text', body: 5, ['__proto__']: 1 },
      },
      good,
    ];
    const send = () =>
      place.call('PUT', '/_matrix/app/v1/transactions/by-hand', {
        headers: bearer,
        body: JSON.stringify({ events }),
      });
    expect((await send()).status).toBe(200);
    expect((await send()).status).toBe(200);
    expect((await world.entries()).map(({ id }) => id)).toEqual(['$good']);
    const letters = await world.deadLetters();
    expect(letters.map(({ stage, attempts }) => [stage, attempts])).toEqual(
      letters.map(() => ['ingress', '1']),
    );
    expect(letters.map(({ raw }) => JSON.parse(raw ?? ''))).toEqual(
      expect.arrayContaining([events[1], events[2]]),
    );
    expect(letters).toHaveLength(4);
  });
});
