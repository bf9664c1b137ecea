import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aclFile, aclUsers } from '#streams/acl/acl-file';
import { type RedisUser, redisUsers } from '#streams/acl/redis-user';
import { eventually } from '../support/eventually.ts';
import { type RedisServer, startRedis } from '../support/start-redis.ts';
import { type System, startSystem } from '../support/start-system.ts';
import { writePlaybook } from '../support/system-playbook.ts';
import { answerTo, askForDeletion, outcomeOf } from '../support/system-talk.ts';
import { readRoom } from '../support/system-timeline.ts';
import { runCli } from './cli-process.ts';

const passwords = Object.fromEntries(aclUsers.map((user) => [user, randomBytes(18).toString('base64url')]));
const stack = new AsyncDisposableStack();
let redis: RedisServer;
afterAll(() => stack.disposeAsync());

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vagent-acl-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'users.acl');
  // Systems of tests have a prefix of their own each.
  await writeFile(file, aclFile('test-system-*', passwords));
  redis = stack.use(await startRedis({ args: ['--aclfile', file] }));
});

const accessOf = (user: RedisUser) => ({
  REDIS_USERNAME: user,
  REDIS_PASSWORD: passwords[user] ?? '',
});

function signIn(user: string, password = passwords[user] ?? ''): Redis {
  const client = new Redis(redis.port, '127.0.0.1', { username: user, password, retryStrategy: () => null });
  stack.defer(() => client.disconnect());
  return client;
}

/** Why Redis lets a connection not in. */
async function reasonOf(client: Redis): Promise<string> {
  const told = Promise.withResolvers<string>();
  client.on('error', ({ message }) => told.resolve(message));
  const pong = client.ping().then(
    () => 'let in',
    () => told.promise,
  );
  return pong;
}

/** What Redis has refused since the last look, as `user: reason object`. */
async function refusals(keeper: Redis): Promise<string[]> {
  const log = (await keeper.call('ACL', 'LOG')) as (string | number)[][];
  await keeper.call('ACL', 'LOG', 'RESET');
  return log.map((fields) => {
    const of = (name: string): string => String(fields[fields.indexOf(name) + 1]);
    return `${of('username')}: ${of('reason')} ${of('object')}`;
  });
}

async function startWithUsers(playbook: string): Promise<System> {
  return startSystem({
    redisUrl: `redis://keeper:${passwords['keeper']}@127.0.0.1:${redis.port}`,
    replicas: { worker: 2 },
    env: { REDIS_URL: `redis://127.0.0.1:${redis.port}`, PLAYBOOK_DIR: playbook },
    serviceEnv: {
      ingress: accessOf('ingress'),
      worker: accessOf('worker'),
      egress: accessOf('egress'),
      clock: accessOf('clock'),
    },
  });
}

describe('users of Redis with least privilege', () => {
  it('T21: a whole system answers, asks, reminds, runs what was approved and restarts, and nothing is refused', async () => {
    await using playbook = await writePlaybook({ risk: 'high', expiresIn: '10m', reminders: ['1s'] });
    await using system = await startWithUsers(playbook.folder);
    const ann = await system.user('ann');
    const room = await system.invite(ann);
    const asked = await ann.say(room, 'How do I reset my 2FA?');
    expect((await answerTo(system, room, asked)).kind).toBe('reply');

    const { room: dangerous, prompt } = await askForDeletion(system, 'abe', 'Aries');
    const isReminded = async () => {
      const admin = { roomId: system.adminRoom, reader: system.reviewers[0], kind: 'group' } as const;
      const { said } = await readRoom(admin, system.botId);
      return said.some(({ vagent }) => vagent.kind === 'reminder');
    };
    await eventually(isReminded, { withinMs: 20_000, what: 'a reminder' });
    await system.restart('worker-1');
    await system.restart('clock-1');
    const [rita] = system.reviewers;
    const approve = await rita.say(system.adminRoom, `!vagent approve ${prompt.code}`);
    await answerTo(system, dangerous, approve);
    expect(await refusals(system.redis)).toEqual([]);
  });

  it('T21: rooms are lost and upgraded, and nothing is refused', async () => {
    await using playbook = await writePlaybook({ risk: 'high', expiresIn: '10m' });
    await using system = await startWithUsers(playbook.folder);
    const lost = await askForDeletion(system, 'kay', 'Aries');
    const path = (room: string) => `/v3/rooms/${encodeURIComponent(room)}`;
    await lost.user.request('POST', `${path(lost.room)}/kick`, { body: { user_id: system.botId } });
    expect((await outcomeOf(system, lost.prompt)).text).toContain('removed from the room');
    const moved = await askForDeletion(system, 'uma', 'Taurus');
    const next = await moved.user.createRoom({
      creation_content: { predecessor: { room_id: moved.room } },
      invite: [system.botId],
    });
    const body = { body: 'moved', replacement_room: next };
    await moved.user.request('PUT', `${path(moved.room)}/state/m.room.tombstone/`, { body });
    await moved.user.waitFor(next, ({ content }) => String(content['body']).includes('goes on here'), 40_000);
    expect(await refusals(system.redis)).toEqual([]);
  });

  it('T21: every command of operators works with their own user', async () => {
    await using playbook = await writePlaybook({ risk: 'high', expiresIn: '10m' });
    await using system = await startWithUsers(playbook.folder);
    const { prompt } = await askForDeletion(system, 'abe', 'Aries');
    const env = {
      REDIS_URL: `redis://127.0.0.1:${redis.port}`,
      ...accessOf('operator'),
      KEY_PREFIX: system.keys.settings().replace(/:settings$/, ''),
      STREAM_PARTITIONS: String(system.partitions),
      REVIEWERS: system.reviewers.map(({ userId }) => userId).join(','),
    };
    await refusals(system.redis);
    const commands = [['streams'], ['sessions'], ['approvals'], ['approvals', 'verify'], ['dead']];
    for (const args of commands) {
      expect(await runCli(args, env), args.join(' ')).toMatchObject({ code: 0 });
    }
    const decide = ['approvals', 'decide', prompt.approval, 'approve', '--as', system.reviewers[0].userId];
    const decided = await runCli(decide, env);
    expect(decided, JSON.stringify(decided)).toMatchObject({ code: 0 });
    expect(await refusals(system.redis)).toEqual([]);
  });

  it('T21: nobody gets in without a password of their own', async () => {
    const stranger = new Redis(redis.port, '127.0.0.1', { retryStrategy: () => null });
    stack.defer(() => stranger.disconnect());
    expect(await reasonOf(stranger)).toMatch(/^NOAUTH/);
    expect(await reasonOf(signIn('default', 'default'))).toMatch(/^WRONGPASS/);
    expect(await reasonOf(signIn('worker', passwords['ingress']))).toMatch(/^WRONGPASS/);
  });

  it('T21: what users have written in transactions is there again after a restart of Redis', async () => {
    const prefix = `test-system-${randomBytes(4).toString('hex')}`;
    const [written, fact] = [`${prefix}:{0}:inbound`, `${prefix}:{0}:fact:restarted`];
    const script = "redis.call('XADD', KEYS[1], '*', 'a', 'b') return redis.call('SET', KEYS[2], 'c')";
    await signIn('ingress').eval(script, 2, written, fact);
    await redis.kill();
    await redis.start();
    const client = signIn('ingress');
    expect(await client.get(fact)).toBe('c');
    expect(await client.xrange(written, '-', '+')).toHaveLength(1);
  });

  const dangerous = [
    ['KEYS', '*'],
    ['SCAN', '0'],
    ['FLUSHALL'],
    ['FLUSHDB'],
    ['CONFIG', 'GET', '*'],
    ['SHUTDOWN'],
    ['ACL', 'LIST'],
    ['CLIENT', 'LIST'],
    ['CLIENT', 'KILL', 'TYPE', 'normal'],
    ['MONITOR'],
    ['SCRIPT', 'FLUSH'],
    ['FUNCTION', 'LIST'],
    ['REPLICAOF', 'NO', 'ONE'],
    ['MIGRATE', '127.0.0.1', '1', 'k', '0', '1'],
    ['SUBSCRIBE', 'x'],
    ['PUBLISH', 'x', 'y'],
    ['SWAPDB', '0', '1'],
    ['XGROUP', 'DESTROY', 'test-system-a:{0}:inbound', 'graph'],
    ['GET', 'somebody-else'],
    ['SET', 'somebody-else', '1'],
  ];

  it.each(redisUsers)(
    'T21: %s may run no command that harms or spies, nor touch keys of others',
    async (user) => {
      const client = signIn(user);
      for (const [command = '', ...args] of dangerous) {
        await expect(client.call(command, ...args), `${command} ${args}`).rejects.toThrow(/NOPERM/);
      }
    },
  );

  it('T21: a script opens nothing that its caller may not do', async () => {
    const client = signIn('ingress');
    const script = (command: string, key: string) =>
      client.eval(`return redis.call('${command}', '${key}')`, 0);
    await expect(script('FLUSHALL', 'ASYNC')).rejects.toThrow(/can't run this command/);
    await expect(script('HGETALL', 'test-system-a:{0}:thread:x:data')).rejects.toThrow(
      /can't access at least one of the keys/,
    );
  });

  const key = (name: string): string => `test-system-a:${name}`;
  const forbidden: Record<RedisUser, string[][]> = {
    ingress: [
      ['HSET', key('{0}:approval:x'), 'status', 'approved'],
      ['XADD', key('{0}:audit'), '*', 'a', 'b'],
      ['XADD', key('{0}:outbound'), '*', 'a', 'b'],
      ['HGETALL', key('{0}:thread:x:data')],
      ['HSET', key('{0}:lease:graph'), 'owner', 'me'],
      ['HSET', key('{switches}:off'), 'all', '1'],
      ['GET', key('gateway:console:x')],
    ],
    worker: [
      ['GET', key('{sync}:@vagent:localhost:token:VAGENT_EGRESS')],
      ['HGETALL', key('{sync}:@vagent:localhost')],
      ['HSET', key('{0}:lease:egress'), 'owner', 'me'],
      ['HSET', key('{switches}:off'), 'all', '1'],
      ['HGETALL', key('{0}:reply:x')],
      ['GET', key('gateway:console:x')],
    ],
    egress: [
      ['XADD', key('{0}:inbound'), '*', 'a', 'b'],
      ['HSET', key('{0}:approval:x'), 'status', 'approved'],
      ['XADD', key('{0}:audit'), '*', 'a', 'b'],
      ['HGETALL', key('{0}:thread:x:data')],
      ['GET', key('{sync}:@vagent:localhost:token:VAGENT_INGRESS')],
      ['HSET', key('{0}:lease:graph'), 'owner', 'me'],
    ],
    clock: [
      ['HGETALL', key('{0}:approval:x')],
      ['XADD', key('{0}:audit'), '*', 'a', 'b'],
      ['HGETALL', key('{0}:vault:x')],
      ['HGETALL', key('{0}:thread:x:data')],
      ['XADD', key('{0}:outbound'), '*', 'a', 'b'],
      ['GET', key('{sync}:@vagent:localhost:token:VAGENT_EGRESS')],
    ],
    gateway: [
      ['HSET', key('{0}:approval:x'), 'status', 'approved'],
      ['XADD', key('{0}:outbound'), '*', 'a', 'b'],
      ['XADD', key('{0}:approvals'), '*', 'a', 'b'],
      ['HGETALL', key('{0}:thread:x:data')],
      ['HSET', key('{0}:lease:graph'), 'owner', 'me'],
      ['GET', key('{sync}:@vagent:localhost:token:VAGENT_EGRESS')],
    ],
    operator: [
      ['HSET', key('{0}:approval:x'), 'status', 'approved'],
      ['HGETALL', key('{0}:vault:x')],
      ['HGETALL', key('{0}:thread:x:data')],
      ['HSET', key('{0}:lease:graph'), 'owner', 'me'],
      ['GET', key('gateway:console:x')],
    ],
  };

  it.each(Object.entries(forbidden))(
    'T21: %s is refused what is the work of others',
    async (user, commands) => {
      await refusals(signIn('keeper'));
      const client = signIn(user);
      for (const [command = '', ...args] of commands) {
        await expect(client.call(command, ...args), `${command} ${args}`).rejects.toThrow(/NOPERM/);
      }
      // What the first tests rely on: nothing that is refused escapes the log.
      expect(new Set(await refusals(signIn('keeper')))).toEqual(
        new Set(commands.map(([, name]) => `${user}: key ${name}`)),
      );
    },
  );
});
