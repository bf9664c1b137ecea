import { z } from 'zod';
import { eventId } from '#contract/matrix-ids';
import type { MatrixClient } from './matrix-client.ts';
import { parseAnswer } from './parse-answer.ts';
import { txnIdOf } from './send-txn-id.ts';

export interface OutgoingEvent {
  readonly room: string;
  readonly type: 'm.room.message' | 'm.reaction' | 'm.room.encrypted';
  readonly content: object;
  /** What the event is, for ever: the same key in the same room is the same event. */
  readonly key: readonly (string | number)[];
}

const sendAnswer = z.object({ event_id: eventId });

/**
 * Sends an event once, however often it is called: the transaction id follows from sender, room and key
 * (client-server API, `PUT /rooms/{roomId}/send/{eventType}/{txnId}`).
 *
 * @returns the event's id; of the earlier event, with the earlier content, where the key was sent before.
 * @throws {MatrixRequestError} as the homeserver answers; it is not tried again here.
 */
export async function sendEvent(
  client: MatrixClient,
  event: OutgoingEvent,
  options: { signal?: AbortSignal; timeoutMs?: number } = {},
): Promise<string> {
  const txnId = txnIdOf(client.userId, event.room, event.key);
  const path = `/_matrix/client/v3/rooms/${encodeURIComponent(event.room)}/send/${event.type}/${txnId}`;
  const answer = await client.request('PUT', path, { ...options, body: event.content });
  return parseAnswer(sendAnswer, path, answer).event_id;
}
