import { z } from 'zod';
import { roomId, userId } from '#contract/matrix-ids';
import type { MatrixRequest } from './matrix-client.ts';
import { parseAnswer } from './parse-answer.ts';
import { roomState } from './room-state.ts';

export interface Tombstone {
  /** Who ended the room; that they had the power to, the homeserver has checked when it took the event. */
  readonly sender: string;
  readonly replacement: string;
}

const stateEvents = z.array(z.unknown());
const tombstone = z.object({
  type: z.literal('m.room.tombstone'),
  state_key: z.literal(''),
  sender: userId,
  content: z.object({ replacement_room: roomId }),
});
const create = z.object({ predecessor: z.object({ room_id: roomId }) });

/**
 * The tombstone in the room's current state; undefined where there is none, or none that names a room
 * (client-server API, "Room upgrades"). What an event of the timeline says may long have been replaced.
 */
export async function roomTombstone(request: MatrixRequest, room: string): Promise<Tombstone | undefined> {
  const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/state`;
  for (const event of parseAnswer(stateEvents, path, await request('GET', path))) {
    const parsed = tombstone.safeParse(event);
    if (parsed.success)
      return { sender: parsed.data.sender, replacement: parsed.data.content.replacement_room };
  }
  return undefined;
}

/**
 * The room that this one says it continues. From room version 12 on the predecessor's `event_id` may be missing: only
 * the room counts.
 */
export async function roomPredecessor(request: MatrixRequest, room: string): Promise<string | undefined> {
  const content = await roomState(request, room, 'm.room.create');
  return create.safeParse(content).data?.predecessor.room_id;
}
