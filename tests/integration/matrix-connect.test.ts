import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterAll, expect, inject, it } from 'vitest';
import { connectMatrix } from '#matrix/connect-matrix';
import { deviceIdOf } from '#matrix/device-id-of';
import { readEvent } from '#matrix/read-event';
import { createRedisTokenStore } from '#matrix/redis-token-store';
import { setTyping } from '#matrix/set-typing';
import { toRegistration } from '../../services/homeserver/appservice/registration.ts';
import { createHomeserver } from '../../services/homeserver/homeserver.ts';
import { MatrixUser } from '../support/matrix-user.ts';
import { uniquePrefix } from '../support/unique-prefix.ts';

const redis = new Redis(inject('redisUrl'));
const log = pino({ level: 'silent' });
const deviceId = deviceIdOf('egress');

afterAll(() => redis.quit());

function tokenStore() {
  const plain = (text: string): string => text;
  return createRedisTokenStore({
    redis,
    key: `${uniquePrefix('connect')}:{x}`,
    seal: plain,
    open: plain,
    pollMs: 5,
  });
}

it('keeps device and token over restarts and replicas, so that a transaction id is remembered', async () => {
  await using homeserver = createHomeserver();
  await homeserver.start();
  const alice = await MatrixUser.register(homeserver.url, 'alice');
  await MatrixUser.register(homeserver.url, 'bot', { password: 'pw' });
  const room = await alice.createRoom({ preset: 'public_chat' });
  const tokens = tokenStore();
  const access = { kind: 'password', user: 'bot', password: 'pw' } as const;
  const connect = () => connectMatrix({ homeserver: homeserver.url, access, deviceId }, { tokens, log });
  const clients = await Promise.all([connect(), connect(), connect()]);
  expect(clients.map((client) => client.deviceId)).toEqual([deviceId, deviceId, deviceId]);
  expect(homeserver.requests().filter(({ path }) => path.endsWith('/login'))).toHaveLength(1);

  const [first, second] = clients;
  const place = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}`;
  await first?.request('POST', `${place}/join`, { body: {} });
  const body = { msgtype: 'm.text', body: 'once' };
  const send = `${place}/send/m.room.message/txn`;
  const sent = await first?.request('PUT', send, { body });
  expect(await second?.request('PUT', send, { body })).toEqual(sent);
  expect(homeserver.requests().every(({ path }) => !path.includes('access_token'))).toBe(true);
});

it('acts as the sender of an appservice', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vagent-connect-'));
  const file = join(folder, 'as.yaml');
  const registration = {
    id: 'vagent',
    url: null,
    as_token: 'as-t',
    hs_token: 'hs-t',
    sender_localpart: 'agent',
  };
  await writeFile(file, JSON.stringify(registration));
  await using homeserver = createHomeserver({ appservices: [toRegistration(registration)] });
  await homeserver.start();
  const access = { kind: 'appservice', registrationFile: file } as const;
  const settings = { homeserver: homeserver.url, access, deviceId };
  const client = await connectMatrix(settings, { tokens: tokenStore(), log });
  await rm(folder, { recursive: true });
  expect([client.userId, client.deviceId]).toEqual(['@agent:localhost', null]);

  const alice = await MatrixUser.register(homeserver.url, 'alice');
  const room = await alice.createRoom({ preset: 'public_chat' });
  await client.request('POST', `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/join`, { body: {} });
  await setTyping(client, room, 5_000);
  const said = await alice.say(room, 'hi');
  expect(await readEvent(client.request, room, said)).toMatchObject({ kind: 'message', text: 'hi' });
  expect(await readEvent(client.request, room, '$unknown')).toBeUndefined();
});
