import { expect, it } from 'vitest';
import type { StoredRecord } from './database-schema.ts';
import { findRotatedAway, inboundStore, roomKeyPlace, sessionOf } from './rotated-away.ts';
import { seenStore } from './seen-sessions.ts';

const key = (room: string, session: string, device = 'phone'): StoredRecord => ({
  database: 'sdk',
  store: inboundStore,
  key: roomKeyPlace(room, session),
  value: { sender_key: device, pickled_session: '…' },
});
const seen = (room: string, session: string, day: number): StoredRecord => ({
  database: 'own',
  store: seenStore,
  key: roomKeyPlace(room, session),
  value: day,
});
const over = (...records: StoredRecord[]) => [...findRotatedAway(records).rotatedAway].map(sessionOf);

it('gives up what was not used for 90 days, where its device has used another key in the room since', () => {
  const both = [key('!a', 'old'), key('!a', 'new'), seen('!a', 'new', 1_000)];
  expect(over(...both, seen('!a', 'old', 909))).toEqual(['old']);
  expect(over(...both, seen('!a', 'old', 910))).toEqual([]);
});

it('keeps the last key of a device in a room, however old', () => {
  const busy = [key('!b', 'x', 'phone'), seen('!b', 'x', 1_000)];
  const quiet = [key('!a', 'only', 'phone'), seen('!a', 'only', 1)];
  const others = [key('!a', 'theirs', 'laptop'), seen('!a', 'theirs', 1_000)];
  expect(over(...busy, ...quiet, ...others)).toEqual([]);
});

it('counts to the day on which anything was read last: a device that was away forgets nothing', () => {
  const records = [key('!a', 'old'), seen('!a', 'old', 100), key('!a', 'new'), seen('!a', 'new', 150)];
  expect(over(...records)).toEqual([]);
});

it('leaves alone what nobody has noted, and tells of it', () => {
  const found = findRotatedAway([key('!a', 'old'), key('!a', 'new'), seen('!a', 'new', 1_000)]);
  expect(found.rotatedAway.size).toBe(0);
  expect(found.unseen).toEqual([roomKeyPlace('!a', 'old')]);
});

it.each([
  { name: 'a value of another shape', record: { ...key('!a', 'old'), value: 'sealed' } },
  { name: 'a key of another shape', record: { ...key('!a', 'old'), key: ['!a', 'old'] } },
])('leaves alone $name', ({ record }) => {
  expect(over(record, seen('!a', 'old', 1), key('!a', 'new'), seen('!a', 'new', 1_000))).toEqual([]);
});
