import type { Logger } from 'pino';
import type { Keys } from '#contract/keys';
import { MatrixRequestError } from '#matrix/errors';
import type { MatrixClient } from '#matrix/matrix-client';
import { sendEvent } from '#matrix/send-event';
import { txnIdOf } from '#matrix/send-txn-id';
import type { RoomMoves } from '#operations/rooms/room-moves';
import type { RedisWrite } from '#streams/commit';
import type { Delivery } from '#streams/delivery';
import type { RedisClient } from '#streams/redis-client';
import { isInRoom } from '../sending/follow-moves.ts';

export interface Marked {
  readonly room: string;
  /** The message that somebody wrote; null where nobody waits for anything. */
  readonly event: string | null;
}

/**
 * How a message fares, shown on the message itself: one reaction of ours, or none. A courtesy beside the words: where it
 * cannot be shown, nothing waits and nothing fails. It is clear text in encrypted rooms too, and says only this much.
 * What is returned belongs into the entry's commit.
 */
export interface DeliveryMarks {
  /** It waits for reviewers. */
  waiting(delivery: Delivery, message: Marked): Promise<readonly RedisWrite[]>;
  /** There will be no answer. */
  failed(delivery: Delivery, message: Marked): Promise<readonly RedisWrite[]>;
  /** It is answered: the answer says everything. */
  clear(delivery: Delivery, message: Marked): Promise<readonly RedisWrite[]>;
}

export interface DeliveryMarksDeps {
  readonly client: MatrixClient;
  readonly redis: RedisClient;
  readonly keys: Pick<Keys, 'mark'>;
  readonly moves: Pick<RoomMoves, 'currentOf'>;
  readonly log: Logger;
}

const signs = { waiting: '⏳', failed: '⚠️' } as const;
/** Approvals wait for days, rarely for weeks. */
const keptMs = 31 * 24 * 60 * 60_000;
const timeoutMs = 5_000;

/** For installations that want none. */
export const noDeliveryMarks: DeliveryMarks = {
  waiting: async () => [],
  failed: async () => [],
  clear: async () => [],
};

/** The transaction ids follow from message and sign: a repeated attempt finds the reaction that the first one sent. */
export function createDeliveryMarks(deps: DeliveryMarksDeps): DeliveryMarks {
  const { client, redis, keys, log } = deps;

  async function tryTo(
    room: string,
    work: () => Promise<readonly RedisWrite[]>,
  ): Promise<readonly RedisWrite[]> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof MatrixRequestError)) throw error;
      log.debug({ err: error, room }, 'How a message fares is not shown on it');
      return [];
    }
  }

  const put = (sign: string, { partition, signal }: Delivery, message: Marked) =>
    tryTo(message.room, async () => {
      const place = await placeOf(deps, message, signal);
      if (place === undefined) return [];
      const relation = { rel_type: 'm.annotation', event_id: place.event, key: sign };
      const reaction = { ...place, type: 'm.reaction', content: { 'm.relates_to': relation } } as const;
      const key = ['mark', place.event, sign] as const;
      const id = await sendEvent(client, { ...reaction, key }, { signal, timeoutMs });
      return [{ command: 'SET', key: keys.mark(partition, place.event), args: [id, 'PX', String(keptMs)] }];
    });

  const clear = ({ partition, signal }: Delivery, message: Marked): Promise<readonly RedisWrite[]> =>
    tryTo(message.room, async () => {
      if (message.event === null) return [];
      const key = keys.mark(partition, message.event);
      const id = await redis.get(key);
      if (id === null) return [];
      const room = (await deps.moves.currentOf(message.room)) ?? message.room;
      const txnId = txnIdOf(client.userId, room, ['unmark', id]);
      const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/redact/${encodeURIComponent(id)}/${txnId}`;
      await client.request('PUT', path, { body: {}, signal, timeoutMs });
      return [{ command: 'DEL', key, args: [] }];
    });

  return {
    waiting: (delivery, message) => put(signs.waiting, delivery, message),
    failed: async (delivery, message) => [
      ...(await clear(delivery, message)),
      ...(await put(signs.failed, delivery, message)),
    ],
    clear,
  };
}

/** Where the message stands; undefined where there is none, or it was left behind in a room that was upgraded since. */
async function placeOf(
  { client, moves }: DeliveryMarksDeps,
  { room, event }: Marked,
  signal: AbortSignal,
): Promise<{ readonly room: string; readonly event: string } | undefined> {
  if (event === null) return undefined;
  const current = (await moves.currentOf(room)) ?? room;
  const place = { room: current, event };
  return current === room || (await isInRoom(client.request, place, signal)) ? place : undefined;
}
