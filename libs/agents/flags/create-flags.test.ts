import { OpenFeature } from '@openfeature/server-sdk';
import { afterEach, describe, expect, it } from 'vitest';
import { createFlags } from './create-flags.ts';
import { createLocalCanaries } from './create-local-canaries.ts';

type Opened = Awaited<ReturnType<typeof createFlags>>;

const opened: Opened[] = [];
afterEach(async () => {
  for (const flags of opened.splice(0)) await flags[Symbol.asyncDispose]();
});

async function open(flags: object | string, problems: string[] = []): Promise<Opened> {
  const text = typeof flags === 'string' ? flags : JSON.stringify({ flags });
  const onProblem = (problem: string) => problems.push(problem);
  const created = await createFlags({ text, canaries: createLocalCanaries(), onProblem });
  opened.push(created);
  return created;
}

const onOff = { state: 'ENABLED', variants: { on: true, off: false }, defaultVariant: 'off' };
const share = (percent: number, more: object = {}) => ({
  ...onOff,
  targeting: {
    fractional: [
      ['on', percent],
      ['off', 100 - percent],
    ],
  },
  ...more,
});
const at = (user: number, room = 0) => ({
  user: `@user${user}:acme.example`,
  room: `!room${room}:acme.example`,
});

async function usersWith(flags: Opened, name = 'new'): Promise<number[]> {
  const users = Array.from({ length: 2_000 }, (_, user) => user);
  const on = await Promise.all(users.map((user) => flags.isOn(name, at(user))));
  return users.filter((user) => on[user]);
}

describe('flags', () => {
  it('give a percentage of the users the new thing, always the same ones, in every room', async () => {
    const flags = await open({ new: share(20) });
    const users = await usersWith(flags);
    expect(users.length / 2_000).toBeGreaterThan(0.17);
    expect(users.length / 2_000).toBeLessThan(0.23);
    expect(await usersWith(await open({ new: share(20) }))).toEqual(users);
    const [lucky = 0] = users;
    for (let room = 0; room < 50; room += 1) expect(await flags.isOn('new', at(lucky, room))).toBe(true);
    // Written down once: another process, and another version of the evaluator, must come to the same.
    expect(users.slice(0, 5)).toEqual([1, 6, 12, 30, 41]);
  });

  it('take the new thing from nobody when the percentage grows, and choose anew for each flag', async () => {
    const few = await usersWith(await open({ new: share(10) }));
    const more = new Set(await usersWith(await open({ new: share(40) })));
    expect(few.filter((user) => !more.has(user))).toEqual([]);
    const another = await usersWith(await open({ another: share(10) }), 'another');
    expect(another).not.toEqual(few);
  });

  it('go by the room where the flag says so', async () => {
    const flags = await open({ new: share(50, { metadata: { stickiness: 'room' } }) });
    const rooms = Array.from({ length: 40 }, (_, room) => room);
    const byRoom = await Promise.all(rooms.map((room) => flags.isOn('new', at(0, room))));
    expect(new Set(byRoom)).toEqual(new Set([true, false]));
    for (let user = 1; user < 20; user += 1) {
      expect(await Promise.all(rooms.map((room) => flags.isOn('new', at(user, room))))).toEqual(byRoom);
    }
  });

  it('name the variant, of any type', async () => {
    const variants = { plain: 'a', fancy: 'b' };
    const flags = await open({
      text: { state: 'ENABLED', variants, defaultVariant: 'fancy' },
      number: { state: 'ENABLED', variants: { small: 1, big: 2 }, defaultVariant: 'big' },
      object: { state: 'ENABLED', variants: { a: { x: 1 }, b: { x: 2 } }, defaultVariant: 'b' },
      flag: { ...onOff, defaultVariant: 'on' },
    });
    const names = ['text', 'number', 'object', 'flag'];
    expect(await Promise.all(names.map((name) => flags.variantOf(name, at(1), 'none')))).toEqual([
      'fancy',
      'big',
      'b',
      'on',
    ]);
    expect(await flags.isOn('text', at(1))).toBe(false);
  });

  it('are off where they are missing, disabled, or point at nothing', async () => {
    const flags = await open({
      disabled: { ...onOff, defaultVariant: 'on', state: 'DISABLED' },
      astray: { ...onOff, targeting: { if: [true, 'nowhere'] } },
    });
    for (const name of ['missing', 'disabled', 'astray', '__proto__', 'toString', '']) {
      expect(await flags.isOn(name, at(1))).toBe(false);
      expect(await flags.variantOf(name, at(1), 'the old way')).toBe('the old way');
      expect(await flags.report(name, at(1), 'error', 'k')).toBeUndefined();
    }
  });

  it.each<[string, unknown]>([
    ['no object', 7],
    ['an unknown state', { ...onOff, state: 'MAYBE', defaultVariant: 'on' }],
    ['no variants', { state: 'ENABLED', defaultVariant: 'on' }],
    ['a default that is no variant', { ...onOff, defaultVariant: 'maybe' }],
    ['an unknown stickiness', { ...onOff, defaultVariant: 'on', metadata: { stickiness: 'moon' } }],
    ['a rate beyond 1', { ...onOff, defaultVariant: 'on', metadata: { canary: { maxErrorRate: 20 } } }],
    ['a misspelt limit', { ...onOff, defaultVariant: 'on', metadata: { canary: { maxErorRate: 0.2 } } }],
  ])('are off with %s, which is told, and leave the others alone', async (_, broken) => {
    const problems: string[] = [];
    const flags = await open({ broken, fine: { ...onOff, defaultVariant: 'on' } }, problems);
    expect(await flags.isOn('broken', at(1))).toBe(false);
    expect(await flags.variantOf('broken', at(1), 'old')).toBe('old');
    expect(await flags.isOn('fine', at(1))).toBe(true);
    expect(problems).toEqual([expect.stringMatching(/^The flag "broken" is off: /)]);
  });

  it.each(['{"flags": ', '[]', '"x"', '{"flags": []}'])('are all off where the file is %s', async (text) => {
    const problems: string[] = [];
    expect(await (await open(text, problems)).isOn('new', at(1))).toBe(false);
    expect(problems).toEqual(['flags.json is not the JSON of flagd: all flags are off']);
  });

  it('need no file', async () => {
    const problems: string[] = [];
    expect(await (await open('', problems)).isOn('new', at(1))).toBe(false);
    expect(problems).toEqual([]);
  });

  it('of two versions live side by side and leave OpenFeature as it was', async () => {
    const before = await open({ new: { ...onOff, defaultVariant: 'on' } });
    const after = await open({ new: onOff });
    expect([await before.isOn('new', at(1)), await after.isOn('new', at(1))]).toEqual([true, false]);
    expect(await OpenFeature.getClient().getBooleanValue('new', false)).toBe(false);
    await before[Symbol.asyncDispose]();
    expect([await before.isOn('new', at(1)), await after.isOn('new', at(1))]).toEqual([false, false]);
  });
});
