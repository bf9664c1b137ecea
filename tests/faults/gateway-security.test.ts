import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { gatewayAccess, gatewaySecret } from '../support/gateway-access.ts';
import { startGateway, type TestGateway } from '../support/start-gateway.ts';

const redisUrl = inject('redisUrl');
const rita = '@rita:localhost';
const minute = 60;

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway(redisUrl);
});
afterAll(() => gateway[Symbol.asyncDispose]());

const seconds = (): number => Math.floor(Date.now() / 1_000);
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
const me = (token: string, at = gateway) => at.ask('/api/v1/me', bearer(token));

describe('T25: tokens', () => {
  it('lets a good one in', async () => {
    const token = await gateway.token(rita, 'reviewer', { name: 'Rita' });
    expect(await me(token)).toMatchObject({
      status: 200,
      body: { user: rita, name: 'Rita', role: 'reviewer' },
    });
  });

  const wrong: Record<string, Readonly<Record<string, unknown>>> = {
    'another issuer': { iss: 'https://other.test' },
    'no issuer': { iss: undefined },
    'another audience': { aud: 'other' },
    'no audience': { aud: undefined },
    'one that has expired': { iat: seconds() - 10 * minute, exp: seconds() - minute },
    'one without an end': { exp: undefined },
    'one without a beginning': { iat: undefined },
    'one of the future': { iat: seconds() + 10 * minute, exp: seconds() + 20 * minute },
    'one that does not count yet': { nbf: seconds() + 10 * minute },
    'one that lives too long': { iat: seconds(), exp: seconds() + 61 * minute },
    'one that ends before it begins': { iat: seconds(), exp: seconds() },
    'no subject': { sub: undefined },
    'an empty subject': { sub: '' },
    'a subject without end': { sub: 'x'.repeat(256) },
    'a subject that stands for another': { sub: '@cml0YQ:gateway.invalid' },
    'an unknown role': { role: 'admin' },
    'a list of roles': { role: ['operator'] },
    'a session that is none': { session: '*' },
    'an id that nobody could revoke': { jti: '' },
    'an id that is no text': { jti: 7 },
    'an id without end': { jti: 'x'.repeat(256) },
  };
  it.each(Object.entries(wrong))('refuses %s', async (_, claims) => {
    expect(await me(await gateway.token(rita, 'operator', claims))).toMatchObject({
      status: 401,
      body: { code: 'unauthorised' },
    });
  });

  it('refuses one that is signed by nobody, by another secret, or by another algorithm', async () => {
    const claims = {
      sub: rita,
      role: 'operator',
      iss: gatewayAccess.JWT_ISSUER,
      aud: gatewayAccess.JWT_AUDIENCE,
    };
    const times = { iat: seconds(), exp: seconds() + minute };
    const sign = (alg: string, secret: string) =>
      new SignJWT({ ...claims, ...times }).setProtectedHeader({ alg }).sign(Buffer.from(secret));
    const unsigned = new UnsecuredJWT({ ...claims, ...times }).encode();
    const [header = '', payload = '', signature = ''] = (await sign('HS256', gatewaySecret)).split('.');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    const tokens = [
      unsigned,
      `${none}.${payload}.${signature}`,
      `${none}.${payload}.`,
      `${header}.${payload}.`,
      `${header}.${Buffer.from(JSON.stringify({ ...claims, ...times, role: 'operator', sub: '@eve:localhost' })).toString('base64url')}.${signature}`,
      await sign('HS256', 'another secret of more than 32 bytes'),
      await sign('HS512', `${gatewaySecret}${gatewaySecret}`),
      await sign('HS384', `${gatewaySecret}${gatewaySecret}`),
      'no token at all',
      'a.b.c',
      '',
    ];
    for (const token of tokens) expect(await me(token)).toMatchObject({ status: 401 });
    expect(await me(await sign('HS256', gatewaySecret))).toMatchObject({ status: 200 });
  });

  const kinds: [string, () => { publicKey: KeyObject; privateKey: KeyObject }, string][] = [
    ['RS256', () => generateKeyPairSync('rsa', { modulusLength: 2_048 }), 'PS256'],
    ['ES256', () => generateKeyPairSync('ec', { namedCurve: 'P-256' }), 'HS256'],
    ['EdDSA', () => generateKeyPairSync('ed25519'), 'HS256'],
  ];
  it.each(kinds)(
    'with a public key takes %s alone, and never that key as a shared secret',
    async (alg, make) => {
      const { publicKey, privateKey } = make();
      const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
      const { JWT_SECRET: _, ...access } = gatewayAccess;
      await using asymmetric = await startGateway(redisUrl, {
        ...access,
        JWT_SECRET: undefined,
        JWT_PUBLIC_KEY: pem,
      });
      const claims = { sub: rita, role: 'operator', iss: access.JWT_ISSUER, aud: access.JWT_AUDIENCE };
      const body = () => new SignJWT({ ...claims, iat: seconds(), exp: seconds() + minute });
      const good = await body().setProtectedHeader({ alg }).sign(privateKey);
      expect(await me(good, asymmetric)).toMatchObject({ status: 200, body: { role: 'operator' } });
      const secrets = [pem, pem.trim(), publicKey.export({ type: 'spki', format: 'der' })];
      for (const secret of secrets) {
        const confused = await body().setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(secret));
        expect(await me(confused, asymmetric)).toMatchObject({ status: 401 });
      }
      if (alg === 'RS256') {
        const padded = await body().setProtectedHeader({ alg: 'PS256' }).sign(privateKey);
        expect(await me(padded, asymmetric)).toMatchObject({ status: 401 });
      }
    },
  );

  it('is taken from the header alone: a query string lets nobody in, and is logged nowhere', async () => {
    const token = await gateway.token(rita, 'operator');
    for (const name of ['token', 'access_token', 'jwt', 'authorization']) {
      expect(await gateway.ask(`/api/v1/me?${name}=${token}`)).toMatchObject({ status: 401 });
    }
    await me(`${token}x`);
    expect(gateway.lines.join('')).not.toContain(token.slice(-40));
    expect(gateway.lines.join('')).toContain('Refused a caller');
  });
});

describe('T25: the console’s cookie', () => {
  it('counts for changes only from a page of this gateway', async () => {
    const headers = await gateway.signIn(rita, 'operator');
    const change = (extra: Record<string, string>) =>
      gateway.ask('/api/v1/tickets', { method: 'POST', headers: { cookie: headers.cookie, ...extra } });
    const port = new URL(gateway.url).port;
    const foreign = ['https://evil.test', 'null', `https://127.0.0.1:${port}`, `${gateway.url}.evil.test`];
    for (const origin of foreign) expect(await change({ origin })).toMatchObject({ status: 403 });
    expect(await change({ origin: `http://127.0.0.1:${Number(port) + 1}` })).toMatchObject({ status: 403 });
    expect(await change({})).toMatchObject({ status: 403 });
    expect(await change({ origin: headers.origin })).toMatchObject({ status: 200 });
  });

  it('beside a token of somebody else proves nothing', async () => {
    const { cookie } = await gateway.signIn(rita, 'operator');
    const token = await gateway.token('@eve:localhost', 'viewer');
    const both = { headers: { cookie, authorization: `Bearer ${token}` } };
    expect(await gateway.ask('/api/v1/me', both)).toMatchObject({ status: 401 });
    const broken = { headers: { cookie, authorization: 'Bearer nonsense' } };
    expect(await gateway.ask('/api/v1/me', broken)).toMatchObject({ status: 401 });
    const own = { headers: { cookie, authorization: `Bearer ${await gateway.token(rita, 'viewer')}` } };
    expect(await gateway.ask('/api/v1/me', own)).toMatchObject({ status: 200, body: { role: 'viewer' } });
  });

  it('that somebody has planted a second one beside is none', async () => {
    const [mine, other] = await Promise.all([gateway.signIn(rita, 'viewer'), gateway.signIn(rita, 'viewer')]);
    const headers = { cookie: `${mine.cookie}; ${other.cookie}` };
    expect(await gateway.ask('/api/v1/me', { headers })).toMatchObject({ status: 401 });
  });

  it('opens nothing when what Redis keeps was written by hand or moved, where bodies are sealed', async () => {
    const key = Buffer.alloc(32, 7).toString('base64');
    await using sealed = await startGateway(redisUrl, { PAYLOAD_KEY: key });
    const { cookie } = await sealed.signIn(rita, 'viewer');
    const { redis, keys } = sealed.transport;
    const [name = ''] = await redis.keys(`${keys.consoleSession('').slice(0, -1)}:*`);
    const kept = (await redis.get(name)) ?? '';
    expect(kept).toMatch(/^enc1\./);
    expect(await sealed.ask('/api/v1/me', { headers: { cookie } })).toMatchObject({ status: 200 });
    const endsAt = Date.now() + 1_000_000;
    const value = { user: rita, name: 'Rita', role: 'operator', endsAt };
    const digest = name.split(':').at(-1) ?? '';
    await redis.set(name, JSON.stringify({ kind: 'consoleSession', digest, value }));
    expect(await sealed.ask('/api/v1/me', { headers: { cookie } })).toMatchObject({ status: 401 });
    // What was sealed for one console opens no other.
    const { cookie: second } = await sealed.signIn(rita, 'viewer');
    const others = await redis.keys(`${keys.consoleSession('').slice(0, -1)}:*`);
    await redis.set(others.find((one) => one !== name) ?? '', kept);
    expect(await sealed.ask('/api/v1/me', { headers: { cookie: second } })).toMatchObject({ status: 401 });
  });
});
