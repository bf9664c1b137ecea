import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { apiSessionOf, apiUserOf } from '#contract/api-session';
import { aclFile, aclUsers } from '#streams/acl/acl-file';
import { openLiveClient } from '../support/live-client.ts';
import { readChunks } from '../support/read-chunks.ts';
import { json, startGateway } from '../support/start-gateway.ts';
import { startRedis } from '../support/start-redis.ts';

/** A Redis with the users of the ACL, and a gateway that comes as its own. */
async function openStage() {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'vagent-gateway-acl-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const passwords = Object.fromEntries(aclUsers.map((user) => [user, randomBytes(18).toString('base64url')]));
  const file = join(folder, 'users.acl');
  await writeFile(file, aclFile('test-system-*', passwords));
  const server = stack.use(await startRedis({ args: ['--aclfile', file] }));
  const keeper = new Redis(server.port, '127.0.0.1', {
    username: 'keeper',
    password: passwords['keeper'] ?? '',
  });
  stack.defer(() => keeper.disconnect());
  const gateway = stack.use(
    await startGateway(`redis://127.0.0.1:${server.port}`, {
      REDIS_USERNAME: 'gateway',
      REDIS_PASSWORD: passwords['gateway'] ?? '',
      KEY_PREFIX: 'test-system-gateway',
    }),
  );
  /** What Redis has refused, as `user: reason object`. */
  const refusals = async (): Promise<string[]> => {
    const log = (await keeper.call('ACL', 'LOG')) as (string | number)[][];
    return log.map((fields) => {
      const of = (name: string): string => String(fields[fields.indexOf(name) + 1]);
      return `${of('username')}: ${of('reason')} ${of('object')}`;
    });
  };
  const resources = stack.move();
  return { gateway, keeper, refusals, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

it('T21: the gateway signs in, talks, follows, shows, switches and revokes as its own user, and nothing is refused', async () => {
  await using stage = await openStage();
  const { gateway, keeper, refusals } = stage;
  const ask = gateway.as('@olga:localhost', 'operator');
  const line = gateway.lines.find((one) => one.includes('"msg":"Routes"')) ?? '{}';
  const { routes } = JSON.parse(line) as { routes: string[] };
  const session = apiSessionOf(apiUserOf('ana'), 'main');
  const asked = routes.flatMap((route) => {
    const [method, path = ''] = route.split(' ');
    const isAnswered = method === 'GET' && path.startsWith('/api/') && !/oidc|\/events$/.test(path);
    const ids = {
      ':letter': '0:1-1',
      ':event': '$nobody',
      ':id': path.includes('approvals') ? 'ABCDEF' : session,
    };
    const named = path.replace(/:\w+/, (name) => encodeURIComponent(ids[name as keyof typeof ids]));
    return isAnswered ? [named] : [];
  });
  expect(asked.length).toBeGreaterThan(12);
  for (const path of asked)
    expect([path, (await ask(path)).status]).toEqual([path, expect.toSatisfy(isWell)]);

  const headers = await gateway.signIn('@olga:localhost', 'operator');
  expect(await gateway.ask('/api/v1/tickets', { method: 'POST', headers })).toMatchObject({ status: 200 });
  expect(await gateway.ask('/api/v1/sign-out', { method: 'POST', headers })).toMatchObject({ status: 204 });
  const token = await gateway.token('ana', 'user');
  await using live = openLiveClient(gateway.url, session, token);
  await live.has('current');
  const message = json('POST', { message: 'My mail is ana@example.org', message_id: 'least-privilege' });
  await using talk = await readChunks(`${gateway.url}/api/v1/process_message`, {
    ...message,
    headers: { ...message.headers, authorization: `Bearer ${token}` },
  });
  expect(talk.status).toBe(200);
  const own = gateway.as('ana', 'user');
  expect(await own('/api/v1/submit_feedback', json('POST', { solved: true }))).toMatchObject({ status: 202 });
  const reset = `/api/v1/sessions/${encodeURIComponent(session)}/reset`;
  expect(await ask(reset, { method: 'POST' })).toMatchObject({ status: 202 });
  const off = json('PUT', { scope: 'tool', name: 'delete_records', off: true, because: 'x' });
  expect(await ask('/api/v1/switches', off)).toMatchObject({ status: 200 });
  const revoked = json('POST', { kind: 'jti', id: 'leaked' });
  expect(await ask('/api/v1/revocations', revoked)).toMatchObject({ status: 200 });
  expect(await refusals()).toEqual([]);

  // That Redis keeps a log of what it refuses is what this relies on.
  await expect(gateway.transport.redis.call('KEYS', '*')).rejects.toThrow('NOPERM');
  expect(await refusals()).toEqual(['gateway: command keys']);
  expect(await keeper.exists('test-system-gateway:settings')).toBe(1);
});

/** Answered, or there is nothing of that name. */
const isWell = (status: number): boolean => status === 200 || status === 404;
