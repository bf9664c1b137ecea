import { Redis } from 'ioredis';
import pino from 'pino';
import { afterAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { createKeys, type Keys } from '#contract/keys';
import { BadRequestError, ConflictError } from '#operations/errors';
import { readSwitches } from '#operations/switches/read-switches';
import { setSwitch } from '#operations/switches/set-switch';
import { readSwitchLog } from '#operations/switches/switch-log';
import { watchSwitches } from '#operations/switches/watch-switches';
import { connectRedis } from '#streams/connect-redis';
import { eventually } from '../support/eventually.ts';
import { redisAt } from '../support/redis-at.ts';
import { startRedis } from '../support/start-redis.ts';
import { uniquePrefix } from '../support/unique-prefix.ts';
import { runCli } from './cli-process.ts';

const url = inject('redisUrl');
const redis = new Redis(url);
afterAll(() => redis.quit());

const room = '!room:example.org';
const because = 'it deletes too much';
const by = 'cli:ana';
const { signal } = new AbortController();

let keys: Keys;
let prefix: string;
let logged: Record<string, unknown>[];
let log: pino.Logger;

beforeEach(async () => {
  prefix = uniquePrefix('switches');
  keys = createKeys(prefix);
  await redis.hset(keys.settings(), { partitions: '32', contract: '1' });
  logged = [];
  log = pino({ level: 'info' }, { write: (line) => void logged.push(JSON.parse(line)) });
});

const off = (scope: 'all' | 'room' | 'agent' | 'tool', name: string) =>
  setSwitch({ redis, keys }, { scope, name, off: true, because, by });
const on = (scope: 'all' | 'room' | 'agent' | 'tool', name: string) =>
  setSwitch({ redis, keys }, { scope, name, off: false, because: '', by });
const watch = (given = redis) =>
  watchSwitches({ transport: { redis: given, keys }, log, signal, everyMs: 50 });

describe('switches', () => {
  it('are off until they are switched on, with who, when and why', async () => {
    await off('tool', 'delete_records');
    const [entry, ...others] = await readSwitches({ redis, keys });
    expect(entry).toMatchObject({ scope: 'tool', name: 'delete_records', by, because });
    expect(Math.abs(Date.parse(entry?.at ?? '') - Date.now())).toBeLessThan(5_000);
    expect(others).toEqual([]);
    expect(await on('tool', 'delete_records')).toBe(true);
    expect(await readSwitches({ redis, keys })).toEqual([]);
  });

  it('keep a line for each time that something was switched, and none where nothing was', async () => {
    await off('room', room);
    await off('room', room);
    await on('room', room);
    expect(await on('room', room)).toBe(false);
    const lines = await readSwitchLog({ redis, keys }, 10);
    expect(lines.map(({ what }) => what)).toEqual(['on', 'off', 'off']);
    expect(lines.at(-1)).toMatchObject({ scope: 'room', name: room, by, because });
  });

  it.each([
    ['all', room],
    ['room', 'general'],
    ['tool', 'no tool'],
    ['agent', ''],
  ] as const)('refuse %s %j: it has no such name', async (scope, name) => {
    await expect(off(scope, name)).rejects.toThrow(BadRequestError);
    expect(await readSwitches({ redis, keys })).toEqual([]);
  });

  it('need a reason that others can read', async () => {
    const order = { scope: 'tool', name: 'x', off: true, by } as const;
    for (const text of ['', '  ', 'x'.repeat(501)]) {
      await expect(setSwitch({ redis, keys }, { ...order, because: text })).rejects.toThrow(BadRequestError);
    }
  });

  it('count as off where their record cannot be read, and say so', async () => {
    await redis.hset(keys.switches(), 'tool:delete_records', '{"scope":"tool"', 'room:', 'x');
    await using switches = await watch();
    expect(switches.off('tool', 'delete_records')).toMatchObject({ by: '' });
    expect(switches.off('room', '!any:example.org')).toMatchObject({ scope: 'all', by: '' });
    expect(logged.filter(({ level }) => level === 50)).toHaveLength(2);
    await on('tool', 'delete_records');
    await on('all', '*');
    await eventually(() => switches.list().length === 0);
  });

  it('say of another than themselves: that one is off', async () => {
    const record = { scope: 'tool', name: 'harmless', by, because, at: new Date().toISOString() };
    await redis.hset(keys.switches(), 'tool:delete_records', JSON.stringify(record));
    expect(await readSwitches({ redis, keys })).toMatchObject([{ name: 'delete_records', by: '' }]);
  });

  it('are all off while their key holds something else', async () => {
    await redis.set(keys.switches(), 'nothing is off');
    await using switches = await watch();
    expect(switches.off('room', room)).toMatchObject({ scope: 'all' });
    await expect(off('tool', 'x')).rejects.toThrow(ConflictError);
    await redis.del(keys.switches());
    await eventually(() => switches.off('room', room) === undefined);
  });
});

describe('watchSwitches', () => {
  it('tells within moments what is off and on, and logs who did it', async () => {
    await using switches = await watch();
    await off('agent', 'billing');
    await eventually(() => switches.off('agent', 'billing')?.because === because, { withinMs: 1_000 });
    expect(switches.off('agent', 'other')).toBeUndefined();
    await on('agent', 'billing');
    await eventually(() => switches.off('agent', 'billing') === undefined, { withinMs: 1_000 });
    expect(logged.map(({ msg }) => msg)).toEqual(['switched off', 'switched on again']);
    expect(logged[0]).toMatchObject({ scope: 'agent', name: 'billing', by, because });
  });

  it('has every room, agent and tool off while everything is', async () => {
    await off('all', '*');
    await using switches = await watch();
    for (const [scope, name] of [
      ['room', room],
      ['agent', 'billing'],
      ['tool', 'x'],
    ] as const)
      expect(switches.off(scope, name)).toMatchObject({ scope: 'all', by });
  });

  it('begins only when it has read what is off, and keeps that while Redis is away', async () => {
    await using own = await startRedis();
    const client = connectRedis(redisAt(own.url), { name: 'switches', onError: () => undefined });
    await using _ = { [Symbol.asyncDispose]: async () => client.disconnect() };
    await setSwitch(
      { redis: client, keys },
      { scope: 'tool', name: 'delete_records', off: true, because, by },
    );
    await own.kill();
    const ending = new AbortController();
    let isWatching = false;
    const transport = { redis: client, keys };
    const opening = watchSwitches({ transport, log, signal: ending.signal, everyMs: 50 }).then((opened) => {
      isWatching = true;
      return opened;
    });
    await eventually(() => logged.some(({ msg }) => String(msg).includes('nothing begins before')));
    expect(isWatching).toBe(false);
    await own.start();
    await using switches = await opening;
    expect(switches.off('tool', 'delete_records')).toBeDefined();
    await own.kill();
    await eventually(() => logged.some(({ msg }) => String(msg).includes('what was off stays off')));
    expect(switches.off('tool', 'delete_records')).toBeDefined();
    await own.start();
    await eventually(() => logged.some(({ msg }) => msg === 'The switches can be read again'));
  }, 180_000);
});

describe('vagent switches', () => {
  const vagent = (...args: string[]) =>
    runCli(['switches', ...args], {
      REDIS_URL: url,
      KEY_PREFIX: prefix,
      STREAM_PARTITIONS: '32',
      VAGENT_DIR: '/nonexistent/vagent',
    });

  it('switches off and on, lists what is off, and tells who did what', async () => {
    expect(await vagent('list')).toMatchObject({ code: 0, stdout: 'Nothing is switched off.\n' });
    expect(await vagent('off', 'tool', 'delete_records', '--because', because)).toMatchObject({ code: 0 });
    expect(await vagent('off', 'all', '--because', because)).toMatchObject({ code: 0 });
    const { stdout } = await vagent('list', '--json');
    const listed = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(listed.map(({ scope, name }) => `${scope} ${name}`)).toEqual(['all *', 'tool delete_records']);
    expect((await vagent('list')).stdout).toContain(because);
    expect(await vagent('on', 'all')).toMatchObject({ code: 0 });
    expect(await readSwitches({ redis, keys })).toHaveLength(1);
    const log = await vagent('log');
    expect(log.stdout.split('\n').filter((line) => line.includes('cli:'))).toHaveLength(3);
  });

  it.each([
    [['off', 'tool', 'delete_records'], '--because'],
    [['off', 'weather', 'x', '--because', 'y'], 'all, room, agent, tool'],
    [['off', 'tool', '--because', 'y'], 'Which tool'],
    [['toggle'], 'is not a command'],
    [['off', 'room', 'general', '--because', 'y'], 'by its id'],
  ])('refuses %j', async (args, problem) => {
    const { code, stderr } = await vagent(...args);
    expect(code).toBe(2);
    expect(stderr).toContain(problem);
  });
});
