import { MatrixRequestError } from '#matrix/errors';
import type { MatrixRequest } from '#matrix/matrix-client';
import type { RoomMoves } from '#operations/rooms/room-moves';
import type { Delivery } from '#streams/delivery';
import { askAhead } from './ask-ahead.ts';
import type { Sender } from './create-sender.ts';

export interface FollowMovesDeps {
  readonly moves: Pick<RoomMoves, 'currentOf'>;
  readonly request: MatrixRequest;
}

/**
 * A sender into the rooms that those of sessions and settings were upgraded to. What refers to an event of an older room
 * stands by itself there; an edit of such an event is posted as the message that it makes of it. Where an upgrade could
 * not be followed, the old room is the only one there is.
 */
export function createMovingSender(sender: Sender, deps: FollowMovesDeps): Sender {
  const asked = new WeakMap<Delivery, { readonly room: string; readonly current: () => Promise<string> }>();
  const ask = async (room: string): Promise<string> => (await deps.moves.currentOf(room)) ?? room;
  const roomFor = (delivery: Delivery, room: string): Promise<string> => {
    const ahead = asked.get(delivery);
    return ahead?.room === room ? ahead.current() : ask(room);
  };
  return {
    pausedMs: (room) => sender.pausedMs(room),
    ahead: (delivery, room) => {
      asked.set(delivery, { room, current: askAhead(() => ask(room)) });
      // Hardly any room has moved. For one that has, the question is asked again where it goes on.
      sender.ahead(delivery, room);
    },
    voiceOf: async (delivery, agent, room) => sender.voiceOf(delivery, agent, await roomFor(delivery, room)),
    redact: async (delivery, event) => {
      const room = await roomFor(delivery, event.room);
      const isThere =
        room !== event.room && (await isInRoom(deps.request, { ...event, room }, delivery.signal));
      return sender.redact(delivery, { ...event, room: isThere ? room : event.room });
    },
    send: async (delivery, event, isSame) => {
      const room = await roomFor(delivery, event.room);
      if (room === event.room) return sender.send(delivery, event, isSame);
      const content = await fitting(deps.request, room, event.content, delivery.signal);
      return sender.send(delivery, { ...event, room, content }, isSame);
    },
  };
}

/** Whether the event stands in the room, as far as the bot may see it. */
export async function isInRoom(
  request: MatrixRequest,
  { room, event }: { readonly room: string; readonly event: string },
  signal: AbortSignal,
): Promise<boolean> {
  const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/event/${encodeURIComponent(event)}`;
  try {
    await request('GET', path, { signal });
    return true;
  } catch (error) {
    if (error instanceof MatrixRequestError && (error.status === 404 || error.status === 403)) return false;
    throw error;
  }
}

async function fitting(
  request: MatrixRequest,
  room: string,
  content: object,
  signal: AbortSignal,
): Promise<object> {
  const {
    'm.relates_to': relation,
    'm.new_content': edited,
    ...rest
  } = Object.fromEntries(Object.entries(content));
  for (const event of eventsIn(relation)) {
    if (await isInRoom(request, { room, event }, signal)) continue;
    return typeof edited === 'object' && edited !== null ? { ...rest, ...edited } : rest;
  }
  return content;
}

/** The events that a relation of ours names: what it edits or the root of its thread, and what it answers. */
function eventsIn(relation: unknown): readonly string[] {
  const fields = fieldsOf(relation);
  const answered = fieldsOf(fields.get('m.in_reply_to')).get('event_id');
  return [fields.get('event_id'), answered].filter((id) => typeof id === 'string');
}

function fieldsOf(value: unknown): ReadonlyMap<string, unknown> {
  return new Map(typeof value === 'object' && value !== null ? Object.entries(value) : []);
}
