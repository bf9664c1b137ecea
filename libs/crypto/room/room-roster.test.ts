import { beforeEach, describe, expect, it, vi } from 'vitest';
import { RoomEncryptionError } from '#crypto/errors';
import { MatrixRequestError } from '#matrix/errors';
import type { MatrixRequest } from '#matrix/matrix-client';
import { createRoomRoster } from './room-roster.ts';
import { readRoomSettings } from './room-settings.ts';

const room = '!room:x';
const megolm = { algorithm: 'm.megolm.v1.aes-sha2' };
let state: Record<string, unknown>;
let members: Record<string, string>;
let asked: string[];
let now: number;

const request: MatrixRequest = async (method, path) => {
  const what = path.includes('/members') ? 'members' : (path.split('/state/')[1] ?? '').split('/')[0];
  asked.push(what ?? '');
  if (what === 'members') {
    return {
      chunk: Object.entries(members).map(([user, membership]) => ({
        state_key: user,
        content: { membership },
      })),
    };
  }
  const content = state[what ?? ''];
  if (content !== undefined) return content;
  const about = { method, path, status: 404, errcode: 'M_NOT_FOUND', retryAfterMs: null };
  throw new MatrixRequestError({ ...about, reason: 'is not there', retryable: false });
};

beforeEach(() => {
  state = { 'm.room.encryption': megolm };
  members = { '@a:x': 'join', '@b:x': 'invite', '@c:x': 'ban' };
  asked = [];
  now = 1_000;
});

const open = () => createRoomRoster(request, () => now);
const times = (what: string): number => asked.filter((one) => one === what).length;

describe('who reads', () => {
  it.each([
    [undefined, ['@a:x', '@b:x']],
    ['shared', ['@a:x', '@b:x']],
    ['invited', ['@a:x', '@b:x']],
    ['world_readable', ['@a:x', '@b:x']],
    ['joined', ['@a:x']],
    ['nonsense', ['@a:x', '@b:x']],
  ])('with the history %s: %j', async (visibility, users) => {
    if (visibility !== undefined) state['m.room.history_visibility'] = { history_visibility: visibility };
    expect((await open().read(room, now)).users).toEqual(users);
  });
});

describe('how old it may be', () => {
  it('T24: does not depend on the clock of the wall: a member who left gets no key when that is set back', async () => {
    const roster = createRoomRoster(request);
    const before = await roster.read(room, performance.now());
    expect(before.users).toContain('@b:x');
    delete members['@b:x'];
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 3_600_000 });
    try {
      expect((await roster.read(room, performance.now())).users).toEqual(['@a:x']);
    } finally {
      vi.useRealTimers();
    }
  });

  it('in a small room it is as new as the call; calls that waited for each other share an answer', async () => {
    const roster = open();
    await roster.read(room, 1_000);
    await roster.read(room, 900);
    expect(times('members')).toBe(1);
    now = 1_001;
    members = { '@a:x': 'join' };
    expect((await roster.read(room, 1_001)).users).toEqual(['@a:x']);
    expect([times('members'), times('m.room.encryption')]).toEqual([2, 1]);
  });

  it('in a large room up to two seconds', async () => {
    members = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`@u${index}:x`, 'join']));
    const roster = open();
    await roster.read(room, 1_000);
    await roster.read(room, 3_000);
    expect(times('members')).toBe(1);
    await roster.read(room, 3_001);
    expect(times('members')).toBe(2);
  });

  it('settings are asked for again after a minute, or when the room is forgotten', async () => {
    const roster = open();
    await roster.read(room, 1_000);
    roster.forget(room);
    await roster.read(room, 1_000);
    expect(times('m.room.encryption')).toBe(2);
    await roster.read(room, 61_000);
    expect(times('m.room.encryption')).toBe(3);
  });
});

describe('settings', () => {
  it.each([
    [{}, [604_800_000, 100]],
    [{ rotation_period_ms: 3_600_000, rotation_period_msgs: 7 }, [3_600_000, 7]],
    [{ rotation_period_ms: 'never', rotation_period_msgs: -1 }, [604_800_000, 100]],
    [{ rotation_period_ms: 1e300, rotation_period_msgs: 0.5 }, [604_800_000, 100]],
  ])('%j become %j', async (content, expected) => {
    state['m.room.encryption'] = { ...megolm, ...content };
    const { rotationMs, rotationMessages } = await readRoomSettings(request, room);
    expect([rotationMs, rotationMessages]).toEqual(expected);
  });

  it.each([undefined, {}, { algorithm: 7 }, { algorithm: 'm.megolm.v9' }])(
    '%j are refused',
    async (content) => {
      state = { 'm.room.encryption': content };
      await expect(readRoomSettings(request, room)).rejects.toThrow(RoomEncryptionError);
    },
  );
});
