import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createKeys } from '#contract/keys';
import { createRoomMoves } from '#operations/rooms/room-moves';
import { createPayloadCipher, isSealed } from '#runtime/create-payload-cipher';
import { PayloadForgedError } from '#runtime/errors';
import { uniquePrefix } from '../support/unique-prefix.ts';

let redis: Redis;
beforeAll(() => {
  redis = new Redis(inject('redisUrl'));
});
afterAll(() => redis.disconnect());

const room = (name: string | number) => `!${name}:localhost`;

function openMoves() {
  const keys = createKeys(uniquePrefix('moves'));
  const cipher = createPayloadCipher(Buffer.alloc(32, 7).toString('base64'));
  const sealBody = (json: string) => cipher.seal(json, 'test');
  const openOwn = (sealed: string) => {
    if (!isSealed(sealed)) throw new PayloadForgedError('none');
    return cipher.open(sealed, 'test');
  };
  return { keys, moves: createRoomMoves({ redis, keys, sealBody, openOwn }) };
}

describe('F62: the moves of rooms', () => {
  it('lead from the first room to the last, and back, for rooms of version 12 too', async () => {
    const { moves } = openMoves();
    expect(await moves.note(room('a'), '!hash12')).toBe('noted');
    expect(await moves.note('!hash12', room('c'))).toBe('noted');
    expect(await moves.note('!hash12', room('c'))).toBe('noted');
    expect([await moves.currentOf(room('a')), await moves.currentOf('!hash12')]).toEqual([
      room('c'),
      room('c'),
    ]);
    expect([await moves.originOf(room('c')), await moves.originOf('!hash12')]).toEqual([
      room('a'),
      room('a'),
    ]);
    expect([await moves.currentOf(room('x')), await moves.originOf(room('x'))]).toEqual([
      room('x'),
      room('x'),
    ]);
  });

  it('never form a circle, never join two lines, and end after sixteen rooms', async () => {
    const { moves } = openMoves();
    await moves.note(room(0), room(1));
    expect(await moves.note(room(1), room(0))).toBe('cycle');
    expect(await moves.note(room(0), room(5))).toBe('taken');
    expect(await moves.note(room('other'), room(1))).toBe('taken');
    for (let at = 1; at < 15; at += 1) expect(await moves.note(room(at), room(at + 1))).toBe('noted');
    expect(await moves.note(room(15), room(16))).toBe('too_far');
    expect(await moves.currentOf(room(0))).toBe(room(15));
    expect(await moves.originOf(room(15))).toBe(room(0));
  });

  it('say that a room has ended and goes on nowhere, until it does', async () => {
    const { moves } = openMoves();
    await moves.note(room('admin'), null);
    expect(await moves.currentOf(room('admin'))).toBeNull();
    expect(await moves.note(room('admin'), room('next'))).toBe('noted');
    await moves.note(room('admin'), null);
    expect(await moves.currentOf(room('admin'))).toBe(room('next'));
  });

  it('are not believed where somebody wrote them by hand, or carried them over to another room', async () => {
    const { keys, moves } = openMoves();
    await redis.hset(
      keys.roomMoves(),
      `next:${room('a')}`,
      JSON.stringify({ from: room('a'), to: room('evil') }),
    );
    expect(await moves.currentOf(room('a'))).toBe(room('a'));
    await moves.note(room('mine'), room('evil'));
    const sealed = (await redis.hget(keys.roomMoves(), `next:${room('mine')}`)) ?? '';
    await redis.hset(keys.roomMoves(), `next:${room('admin')}`, sealed, `previous:${room('x')}`, sealed);
    expect(await moves.currentOf(room('admin'))).toBe(room('admin'));
    expect(await moves.originOf(room('x'))).toBe(room('x'));
  });
});
