import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { openCryptoSlot } from '#crypto/open-crypto-slot';
import { connectMatrix } from '#matrix/connect-matrix';
import { MatrixRequestError, SenderSyncError } from '#matrix/errors';
import { createRedisTokenStore } from '#matrix/redis-token-store';
import { toRegistration } from '../../services/homeserver/appservice/registration.ts';
import { createHomeserver } from '../../services/homeserver/homeserver.ts';
import { eventually } from '../support/eventually.ts';
import { runCli } from './cli-process.ts';
import { openCliStage } from './cli-stage.ts';

const redis = new Redis(inject('redisUrl'));
const registration = {
  id: 'vagent',
  url: null,
  as_token: 'as-token-of-this-test',
  hs_token: 'hs-token-of-this-test',
  sender_localpart: 'vagent',
  namespaces: { users: [{ regex: '@_vagent_.*:localhost', exclusive: true }] },
};
const homeserver = createHomeserver({ appservices: [toRegistration(registration)] });
/** As Synapse: /sync of the sender is an internal error, everybody else's is not. */
let refused = { status: 500, body: { errcode: 'M_UNKNOWN', error: 'Internal server error' } as object };
const asSynapse = createServer(async (request, response) => {
  const path = request.url ?? '';
  const { authorization = '' } = request.headers;
  const asserted = new URL(path, homeserver.url).searchParams.get('user_id');
  const query = asserted === null ? '' : `?user_id=${encodeURIComponent(asserted)}`;
  const account = `${homeserver.url}/_matrix/client/v3/account/whoami${query}`;
  const isSync = path.startsWith('/_matrix/client/v3/sync');
  const whoami = isSync && (await (await fetch(account, { headers: { authorization } })).text());
  if (whoami !== false && whoami.includes('"@vagent:')) {
    response.writeHead(refused.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(refused.body));
    return;
  }
  const body = request.method === 'GET' ? null : await buffer(request);
  const answer = await fetch(homeserver.url + path, {
    method: request.method ?? 'GET',
    headers: { authorization, 'content-type': 'application/json' },
    body,
  });
  response.writeHead(answer.status, { 'content-type': 'application/json' });
  response.end(Buffer.from(await answer.arrayBuffer()));
});
let folder: string;
let url: string;
let registrationFile: string;

beforeAll(async () => {
  await homeserver.start();
  asSynapse.listen(0, '127.0.0.1');
  await once(asSynapse, 'listening');
  // Boundary: a server that listens on TCP has such an address.
  url = `http://127.0.0.1:${(asSynapse.address() as AddressInfo).port}`;
  folder = await mkdtemp(join(tmpdir(), 'vagent-sender-'));
  registrationFile = join(folder, 'as.yaml');
  await writeFile(registrationFile, JSON.stringify(registration));
});
afterAll(async () => {
  asSynapse.closeAllConnections();
  asSynapse.close();
  await homeserver.stop();
  await rm(folder, { recursive: true });
  await redis.quit();
});

const connect = (key: string, deviceId: string, localpart?: string) => {
  const plain = (text: string): string => text;
  const access = { kind: 'appservice', registrationFile } as const;
  const tokens = createRedisTokenStore({ redis, key: `${key}:${deviceId}`, seal: plain, open: plain });
  const identity = { deviceId, isDevice: true, localpart };
  return connectMatrix({ homeserver: url, access, ...identity }, { tokens, log: pino({ level: 'silent' }) });
};

it('a homeserver that refuses /sync to the sender is told of with the remedy, in log and readiness', async () => {
  const stage = await openCliStage(redis, inject('redisUrl'), 'sender');
  const lines: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => lines.push(line) });
  await using slot = openCryptoSlot({
    ...{ devices: ['VAGENT_CRYPTO_INGRESS'], userId: '@vagent:localhost', redis, keys: stage.keys, log },
    connect: (deviceId) => connect(`${stage.prefix}:{x}`, deviceId),
    storeKey: randomBytes(32).toString('base64'),
    signal: new AbortController().signal,
  });
  const remedy = 'vagent appservice registration --bot';
  await eventually(() => lines.some((line) => line.includes(remedy)), { what: 'the log says it' });
  const [line = '{}'] = lines.filter((one) => one.includes(remedy));
  expect(JSON.parse(line)).toMatchObject({ level: 50, err: { type: 'SenderSyncError' } });
  await expect(slot.check()).rejects.toThrow(/refuses \/sync to @vagent \(500 M_UNKNOWN\).*MATRIX_USER/);
});

it('vagent crypto status says it too', async () => {
  const stage = await openCliStage(redis, inject('redisUrl'), 'sender-cli');
  const env = {
    ...stage.env,
    CRYPTO_STORE_KEY: randomBytes(32).toString('base64'),
    MATRIX_HOMESERVER: url,
    MATRIX_MODE: 'appservice',
    MATRIX_APPSERVICE_REGISTRATION: registrationFile,
  };
  const asSender = await runCli(['crypto', 'status'], env);
  expect(asSender.stdout).toContain('vagent appservice registration --bot');
  expect(asSender.code).toBe(1);
  const asUser = await runCli(['crypto', 'status'], { ...env, MATRIX_USER: '@_vagent_bot:localhost' });
  expect(asUser.stderr).toBe('');
  expect(asUser.stdout).not.toContain('refuses /sync');
  expect(asUser.stdout).toContain('vagent crypto init');
});

it.each([
  { status: 404, body: { errcode: 'M_UNRECOGNIZED', error: 'Unrecognized request' }, error: SenderSyncError },
  { status: 502, body: { error: 'Bad gateway' }, error: MatrixRequestError },
  { status: 503, body: { errcode: 'M_UNKNOWN', error: 'Starting' }, error: MatrixRequestError },
])('$status $body of /sync is a $error.name', async ({ status, body, error }) => {
  const key = `${(await openCliStage(redis, inject('redisUrl'), 'sender-word')).prefix}:{x}`;
  const sender = await connect(key, 'ONE');
  const other = await connect(key, 'TWO', '_vagent_bot');
  refused = { status, body };
  const path = '/_matrix/client/v3/sync';
  await expect(sender.request('GET', path)).rejects.toBeInstanceOf(error);
  expect(await other.request('GET', path)).toHaveProperty('next_batch');
});
