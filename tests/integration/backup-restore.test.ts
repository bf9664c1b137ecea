import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { aclFile, aclUsers } from '#streams/acl/acl-file';
import { untilSound } from '../support/rooms-checker.ts';
import { appliedBy } from '../support/rooms-checker-input.ts';
import { startRedis } from '../support/start-redis.ts';
import { type System, startSystem } from '../support/start-system.ts';
import { answerTo, askForDeletion } from '../support/system-talk.ts';
import { readRoom } from '../support/system-timeline.ts';
import { startToolServer } from '../support/tool-server.ts';

const run = promisify(execFile);
const script = fileURLToPath(new URL('../../deploy/redis/back-up.sh', import.meta.url));
const passwords = Object.fromEntries(aclUsers.map((user) => [user, `password-of-${user}`]));
const keeper = { username: 'keeper', password: passwords['keeper'] ?? '' };

/** The tar that an operator gets. */
async function backUp(port: number): Promise<Buffer> {
  const client = new Redis(port, '127.0.0.1', keeper);
  const [, folder = ''] = (await client.config('GET', 'dir')) as string[];
  const env = {
    PATH: process.env['PATH'],
    REDIS_PORT: String(port),
    DATA: folder,
    REDISCLI_AUTH: keeper.password,
  };
  const { stdout } = await run('sh', [script], { env, encoding: 'buffer', maxBuffer: 256 * 1024 * 1024 });
  // Rewrites go on as before.
  expect(await client.config('GET', 'auto-aof-rewrite-percentage')).toContain('100');
  client.disconnect();
  return stdout;
}

async function answersTo(system: System, room: string, asked: string): Promise<number> {
  const tracked = system.rooms.find(({ roomId }) => roomId === room);
  if (tracked === undefined) throw new Error(`Nobody knows the room ${room}`);
  const { said } = await readRoom(tracked, system.botId);
  return said.filter(({ vagent, edits }) => vagent.turn === asked && edits === undefined && vagent.part === 0)
    .length;
}

it('a copy taken while people talk is enough: what waited is decided and done, and nothing is said twice', {
  timeout: 240_000,
}, async () => {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'vagent-restore-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const users = join(folder, 'users.acl');
  await writeFile(users, aclFile('test-system-*', passwords));
  const lost = await startRedis({ args: ['--aclfile', users] });
  stack.defer(() => lost.stop());
  const tools = stack.use(await startToolServer());
  const system = stack.use(
    await startSystem({
      redisUrl: `redis://keeper:${keeper.password}@127.0.0.1:${lost.port}`,
      env: { RECORDS_URL: tools.url, PAYLOAD_KEY: Buffer.alloc(32, 7).toString('base64') },
    }),
  );
  // In the middle of a flow, and in front of a reviewer.
  const ann = await system.user('ann');
  const annsRoom = await system.direct(ann);
  const wish = await ann.say(annsRoom, 'I want a refund for invoice INV-1042');
  await answerTo(system, annsRoom, wish);
  const { room, prompt } = await askForDeletion(system, 'abe', 'Aries');

  const copy = await backUp(lost.port);

  // What comes after the copy was taken is in the rooms, and Redis forgets it.
  const cleo = await system.user('cleo');
  const cleosRoom = await system.direct(cleo);
  const late = await cleo.say(cleosRoom, 'How do I reset my 2FA?');
  await answerTo(system, cleosRoom, late);
  await Promise.all(system.processes().map((one) => one.kill('SIGKILL')));
  await lost.stop();

  await writeFile(join(folder, 'copy.tar'), copy);
  await run('tar', ['-C', folder, '-xf', join(folder, 'copy.tar')]);
  stack.use(await startRedis({ port: lost.port, args: ['--aclfile', users, '--dir', folder] }));
  for (const { name } of system.processes()) await system.start([name]);

  const [rita] = system.reviewers;
  const approve = await rita.say(system.adminRoom, `!vagent approve ${prompt.code}`);
  await answerTo(system, room, approve, 40_000);
  const amount = await ann.say(annsRoom, '49 EUR');
  expect((await answerTo(system, annsRoom, amount, 40_000)).text).toMatch(/reason/i);
  const next = await cleo.say(cleosRoom, 'How do I add an SSH key?');
  await answerTo(system, cleosRoom, next, 40_000);

  expect(await answersTo(system, cleosRoom, late)).toBe(1);
  expect(await answersTo(system, annsRoom, wish)).toBe(1);
  expect(tools.calls.filter(({ project }) => project === 'Aries')).toHaveLength(1);
  await untilSound(system, { applied: () => appliedBy(tools) });
});
