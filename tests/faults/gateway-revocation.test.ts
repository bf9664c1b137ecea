import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { apiSessionOf, apiUserOf } from '#contract/api-session';
import { partitionOf } from '#contract/partition-of';
import { revokeAccess } from '#operations/access/revoke-access';
import { verifyAudit } from '#operations/approvals/verify-audit';
import { createMetrics } from '#runtime/create-metrics';
import { closeCodes } from '../../services/gateway/api/live.ts';
import { createAuthentication } from '../../services/gateway/auth/create-authentication.ts';
import { UnavailableError } from '../../services/gateway/errors.ts';
import { eventually } from '../support/eventually.ts';
import { handshakeStatus, openLiveClient } from '../support/live-client.ts';
import { readChunks } from '../support/read-chunks.ts';
import { json, startGateway, type TestGateway } from '../support/start-gateway.ts';

const redisUrl = inject('redisUrl');
const session = '!room:localhost:main:@ana:localhost';
const by = 'cli:test';

let gateway: TestGateway;
let other: TestGateway;
beforeAll(async () => {
  gateway = await startGateway(redisUrl, { SIGN_INS_PER_MINUTE: '1000' });
  other = await startGateway(redisUrl, { KEY_PREFIX: gateway.transport.keys.settings().split(':')[0] });
});
afterAll(async () => {
  await other[Symbol.asyncDispose]();
  await gateway[Symbol.asyncDispose]();
});

/** Nothing is ever taken back from being revoked: a test that runs again needs names of its own. */
const fresh = (name: string) => `${name}-${randomBytes(4).toString('hex')}`;
const userOf = (name: string) => `@${fresh(name)}:localhost`;
const revoke = (kind: 'jti' | 'subject', id: string) =>
  revokeAccess(gateway.transport, { kind, id, by, because: 'it leaked' });
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
const statusOf = async (token: string, at = gateway) => (await at.ask('/api/v1/me', bearer(token))).status;
const isRefused = async (token: string, at = gateway) => (await statusOf(token, at)) === 401;
/** A second, and what a test machine adds to it. */
const soon = { withinMs: 5_000 };

describe('T17: a revoked token', () => {
  it('is refused by every gateway, and no other token of its owner', async () => {
    const jti = fresh('leaked');
    const [bad, good, nameless] = await Promise.all([
      gateway.token('@rita:localhost', 'viewer', { jti }),
      gateway.token('@rita:localhost', 'viewer', { jti: 'other' }),
      gateway.token('@rita:localhost', 'viewer'),
    ]);
    for (const at of [gateway, other]) expect(await statusOf(bad, at)).toBe(200);
    await revoke('jti', jti);
    for (const at of [gateway, other]) await eventually(() => isRefused(bad, at), soon);
    for (const token of [good, nameless]) expect(await statusOf(token)).toBe(200);
    const refused = await gateway.metrics.registry.getSingleMetricAsString('vagent_gateway_refusals_total');
    expect(refused).toMatch(/reason="revoked".* [1-9]/);
  });

  it('T25: closes the sockets and ends the streams that it has opened, and those of its tickets', async () => {
    const jti = fresh('opened');
    const token = await gateway.token('ana', 'user', { jti });
    const staff = await gateway.token('@vera:localhost', 'viewer', { jti });
    const bystander = await gateway.token('@vera:localhost', 'viewer', { jti: 'stays' });
    const ask = await gateway.ask('/api/v1/tickets', { method: 'POST', ...bearer(staff) });
    const { ticket } = ask.body as { ticket: string };
    await using opened = openLiveClient(gateway.url, session, staff);
    await using first = openLiveClient(gateway.url, session);
    await using kept = openLiveClient(gateway.url, session, bystander);
    await eventually(() => first.ws.readyState === first.ws.OPEN);
    first.send({ frame: 'authorise', token: staff });
    await Promise.all([opened.has('hello'), first.has('hello'), kept.has('hello')]);
    const own = apiSessionOf(apiUserOf('ana'), 'support');
    const path = `/api/v1/sessions/${encodeURIComponent(own)}/events`;
    const following = gateway.ask(path, bearer(token));
    const message = json('POST', {
      message: 'Hello?',
      conversation: 'support',
      message_id: fresh('revoked'),
    });
    await using talk = await readChunks(`${gateway.url}/api/v1/process_message`, {
      ...message,
      headers: { ...message.headers, ...bearer(token).headers },
    });
    expect(talk.status).toBe(200);
    await revoke('jti', jti);
    expect(await opened.closed(5_000)).toBe(closeCodes.unauthorised);
    expect(await first.closed(5_000)).toBe(closeCodes.unauthorised);
    const lastWord = { name: 'closed', data: { because: 'unauthorised' } };
    expect(String((await following).body)).toMatch(
      /^retry: 2000\n\n[\s\S]*event: closed\ndata: \{"because":"unauthorised"\}\n\n$/,
    );
    expect(await talk.ended(5_000)).toMatchObject([lastWord]);
    const live = `/api/v1/live/${encodeURIComponent(session)}`;
    const protocols = { 'sec-websocket-protocol': `vagent, ticket.${ticket}` };
    expect(await handshakeStatus(gateway.url, live, protocols)).toBe(401);
    expect(kept.ws.readyState).toBe(kept.ws.OPEN);
  });

  it('stays revoked when Redis forgets it, and to a gateway that starts later', async () => {
    const [jti, another] = [fresh('for good'), fresh('something else')];
    const token = await gateway.token('@rita:localhost', 'viewer', { jti });
    await revoke('jti', jti);
    await eventually(() => isRefused(token), soon);
    const prefix = gateway.transport.keys.settings().split(':')[0];
    await using late = await startGateway(redisUrl, { KEY_PREFIX: prefix });
    expect(await statusOf(token, late)).toBe(401);
    const { redis, keys } = gateway.transport;
    await redis.del(keys.revocations());
    await revoke('jti', another);
    const witness = await gateway.token('@rita:localhost', 'viewer', { jti: another });
    await eventually(() => isRefused(witness), soon);
    expect(await statusOf(token)).toBe(401);
  });

  it('whose record cannot be read is refused; one of a kind that nobody knows shuts nobody out', async () => {
    const { redis, keys } = gateway.transport;
    const jti = fresh('garbled');
    const token = await gateway.token('@rita:localhost', 'viewer', { jti });
    const fields = [`jti:${jti}`, '{"kind":', 'moon:full', '{}', 'revision', fresh('by hand')];
    await redis.hset(keys.revocations(), ...fields);
    await eventually(() => isRefused(token), soon);
    expect(await statusOf(await gateway.token('@rita:localhost', 'viewer'))).toBe(200);
    expect(gateway.lines.join('')).toContain('moon:full');
  });
});

describe('T17: a revoked subject', () => {
  it('loses tokens, consoles and sockets of until now, and comes in with what is issued later', async () => {
    const user = userOf('sam');
    const token = await gateway.token(user, 'viewer');
    const { cookie, origin } = await gateway.signIn(user, 'viewer');
    await using socket = openLiveClient(gateway.url, session, token);
    await socket.has('hello');
    const { at } = await revoke('subject', user);
    expect(await socket.closed(5_000)).toBe(closeCodes.unauthorised);
    expect(await statusOf(token)).toBe(401);
    expect((await gateway.ask('/api/v1/me', { headers: { cookie, origin } })).status).toBe(401);
    // Clocks of two machines differ by up to five seconds.
    const iat = Math.ceil(at / 1_000);
    expect(await statusOf(await gateway.token(user, 'viewer', { iat: iat + 3, exp: iat + 60 }))).toBe(401);
    const again = await gateway.signIn(user, 'viewer');
    expect((await gateway.ask('/api/v1/me', { headers: again })).status).toBe(200);
    const { redis, keys } = gateway.transport;
    const field = `subject:${user}`;
    const record = JSON.parse((await redis.hget(keys.revocations(), field)) ?? '');
    // As if it had been revoked a minute ago.
    const earlier = JSON.stringify({ ...record, at: at - 60_000 });
    await redis.hset(keys.revocations(), field, earlier, 'revision', fresh('a minute ago'));
    const late = await gateway.token(user, 'viewer');
    await eventually(async () => (await statusOf(late)) === 200, soon);
    const old = await gateway.token(user, 'viewer', { iat: iat - 100, exp: iat + 100 });
    expect(await statusOf(old)).toBe(401);
    expect(await statusOf(await gateway.token('@rita:localhost', 'viewer'))).toBe(200);
  });

  it('is written into the audit, whose chain stays whole', async () => {
    const user = userOf('tom');
    const partition = partitionOf(user, gateway.transport.partitions);
    await revoke('subject', user);
    const { redis, keys } = gateway.transport;
    const [line] = await redis.xrevrange(keys.stream(partition, 'audit'), '+', '-', 'COUNT', 1);
    expect(line?.[1].join(' ')).toContain(
      `type access.revoked kind subject subject ${user} by cli:test because it leaked until`,
    );
    for await (const verdict of verifyAudit(gateway.transport)) expect(verdict.isIntact).toBe(true);
  });

  it('is what somebody makes of themselves who signs out everywhere, from the console alone', async () => {
    const user = userOf('uma');
    const [here, there] = await Promise.all([gateway.signIn(user, 'viewer'), gateway.signIn(user, 'viewer')]);
    const token = await gateway.token(user, 'viewer');
    const path = '/api/v1/sign-out-everywhere';
    expect(await gateway.ask(path, { method: 'POST', ...bearer(token) })).toMatchObject({ status: 403 });
    expect(await gateway.ask(path, { method: 'POST', headers: here })).toMatchObject({ status: 204 });
    const isOut = async (headers: Record<string, string>) =>
      (await gateway.ask('/api/v1/me', { headers })).status === 401;
    await eventually(() => isOut(here), soon);
    expect(await isOut(there)).toBe(true);
    expect(await statusOf(token)).toBe(401);
  });
});

describe('T25: who may revoke', () => {
  const order = (kind: string, id: string, because = '') =>
    json('POST', { kind, id, ...(because === '' ? {} : { because }) });

  it('are operators, who see what is revoked, by whom and why', async () => {
    const ask = gateway.as('@olga:localhost', 'operator');
    const customer = fresh('a customer');
    const done = await ask('/api/v1/revocations', order('subject', customer, 'asked for it'));
    const id = apiUserOf(customer);
    expect(done).toMatchObject({ status: 200 });
    const { revocations } = (await ask('/api/v1/revocations')).body as { revocations: { id: string }[] };
    expect(revocations.find((one) => one.id === id)).toMatchObject({
      kind: 'subject',
      by: '@olga:localhost',
      because: 'asked for it',
    });
    const theirs = await gateway.token(customer, 'user');
    await eventually(() => isRefused(theirs), soon);
  });

  it('take back what was issued before a moment, and leave what is newer', async () => {
    const ask = gateway.as('@olga:localhost', 'operator');
    const user = userOf('val');
    const iat = Math.floor(Date.now() / 1_000);
    const [old, newer] = await Promise.all([
      gateway.token(user, 'viewer', { iat: iat - 600 }),
      gateway.token(user, 'viewer', { iat: iat - 60 }),
    ]);
    const before = new Date((iat - 300) * 1_000).toISOString();
    const body = { kind: 'subject', id: user, before };
    expect(await ask('/api/v1/revocations', json('POST', body))).toMatchObject({ status: 200 });
    await eventually(() => isRefused(old), soon);
    expect(await statusOf(newer)).toBe(200);
    const wrong = json('POST', { ...body, before: 'yesterday' });
    expect(await ask('/api/v1/revocations', wrong)).toMatchObject({ status: 400 });
  });

  it('are not reviewers, nor whoever is bound to one conversation', async () => {
    const refused = gateway.as('@rita:localhost', 'reviewer');
    expect(await refused('/api/v1/revocations', order('jti', 'x'))).toMatchObject({ status: 403 });
    expect(await refused('/api/v1/revocations')).toMatchObject({ status: 403 });
    const bound = await gateway.token('@olga:localhost', 'operator', { session });
    expect(await gateway.ask('/api/v1/revocations', bearer(bound))).toMatchObject({ status: 403 });
  });

  it.each([
    ['another kind', 'role', 'operator'],
    ['nothing', 'jti', ''],
    ['an id without end', 'jti', 'x'.repeat(256)],
    ['a reason without end', 'jti', 'x', 'x'.repeat(501)],
  ])('cannot revoke %s', async (_, kind, id, because = '') => {
    const ask = gateway.as('@olga:localhost', 'operator');
    expect(await ask('/api/v1/revocations', order(kind, id, because))).toMatchObject({ status: 400 });
  });
});

describe('T25: when nobody can tell what is revoked', () => {
  it('a good token proves nothing for now, and the answer is to try again', async () => {
    const lazy = new Redis(redisUrl, { lazyConnect: true });
    const tokens = (await import('../../services/gateway/auth/token-settings.ts')).tokenSettings.parse({
      JWT_SECRET: 'a secret of thirty-two bytes or more',
      JWT_ISSUER: 'https://issuer.test',
      JWT_AUDIENCE: 'vagent',
    });
    const at = (isFresh: boolean) =>
      createAuthentication(
        { tokens, oidc: undefined, links: false },
        {
          transport: { ...gateway.transport, redis: lazy },
          revocations: { isFresh, isRevoked: () => false, whenRevoked: () => () => undefined },
          isOwnOrigin: () => false,
          otherOrigins: [],
          metrics: createMetrics({ service: 'gateway' }),
          log: pino({ level: 'silent' }),
        },
      );
    const token = await gateway.token('@rita:localhost', 'viewer');
    expect(await at(true).verifyToken(token)).toMatchObject({ user: '@rita:localhost' });
    await expect(at(false).verifyToken(token)).rejects.toThrow(UnavailableError);
  });
});
