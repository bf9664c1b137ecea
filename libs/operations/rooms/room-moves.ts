import { z } from 'zod';
import type { Keys } from '#contract/keys';
import { roomId } from '#contract/matrix-ids';
import type { RedisClient } from '#streams/redis-client';

export interface RoomMovesDeps {
  readonly redis: RedisClient;
  readonly keys: Pick<Keys, 'roomMoves'>;
  readonly sealBody: (json: string) => string;
  /** Refuses what is not sealed, where there is a key: rooms decide who may approve. */
  readonly openOwn: (sealed: string) => string;
}

export type NotedMove = 'noted' | 'cycle' | 'too_far' | 'taken';

/** Which rooms go on in which after upgrades. Asked of Redis each time: a move that was noted counts at once, everywhere. */
export interface RoomMoves {
  /** The room and those that it continues, the first of them last: settings may name any of them. */
  lineOf(room: string): Promise<readonly string[]>;
  /** Where a room goes on: itself while it never moved; null where its upgrade is under way or could not be trusted. */
  currentOf(room: string): Promise<string | null>;
  /** The first room of the line that ends in this one: sessions keep its name. */
  originOf(room: string): Promise<string>;
  /** Notes a move that was checked; with null that the room has ended and nothing may follow it yet. */
  note(from: string, to: string | null): Promise<NotedMove>;
}

const longestLine = 16;
const move = z.object({ from: roomId, to: roomId.nullable() });

/**
 * The moves of rooms, kept in one hash: `next:<room>` and `previous:<room>`, each sealed with both ends, so that no
 * field can be carried over to another room. A line of rooms is at most 16 long and never closes.
 */
export function createRoomMoves({ redis, keys, sealBody, openOwn }: RoomMovesDeps): RoomMoves {
  const key = keys.roomMoves();

  async function read(side: 'next' | 'previous', room: string): Promise<z.infer<typeof move> | undefined> {
    const sealed = await redis.hget(key, `${side}:${room}`);
    if (sealed === null) return undefined;
    try {
      const found = move.parse(JSON.parse(openOwn(sealed)));
      return (side === 'next' ? found.from : found.to) === room ? found : undefined;
    } catch {
      // Written by hand, or under a key that is gone: as if the room had never moved.
      return undefined;
    }
  }

  async function lineOf(room: string): Promise<readonly string[]> {
    const line = [room];
    let previous = await read('previous', room);
    while (previous !== undefined && line.length < longestLine) {
      line.push(previous.from);
      previous = await read('previous', previous.from);
    }
    return line;
  }

  return {
    lineOf,
    originOf: async (room) => (await lineOf(room)).at(-1) ?? room,
    currentOf: async (room) => {
      let current = room;
      for (let steps = 0; steps < longestLine; steps += 1) {
        const next = await read('next', current);
        if (next === undefined) return current;
        if (next.to === null) return null;
        current = next.to;
      }
      return null;
    },
    note: async (from, to) => {
      const known = await read('next', from);
      if (to === null) {
        if (known === undefined) await redis.hset(key, `next:${from}`, seal(from, null));
        return 'noted';
      }
      if (known?.to === to) return 'noted';
      if (known !== undefined && known.to !== null) return 'taken';
      const line = await lineOf(from);
      if (line.includes(to)) return 'cycle';
      if (line.length >= longestLine) return 'too_far';
      // Whoever has a past or a future of its own joins no other line.
      if ((await read('previous', to)) !== undefined || (await read('next', to)) !== undefined)
        return 'taken';
      const sealed = seal(from, to);
      await redis.hset(key, `next:${from}`, sealed, `previous:${to}`, sealed);
      return 'noted';
    },
  };

  function seal(from: string, to: string | null): string {
    return sealBody(JSON.stringify({ from, to }));
  }
}
