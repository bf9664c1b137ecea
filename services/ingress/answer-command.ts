import { createHash } from 'node:crypto';
import { formatSessionId } from '#contract/session-id';
import { vagentContentKey } from '#contract/vagent-content';
import type { MatrixRequest } from '#matrix/matrix-client';
import { relationTo } from '#matrix/render-relation';
import type { DecodedEvent } from '#matrix/room-event';

/** Tells the sender of a command or message what is wrong with it, in its thread, once: the transaction id comes from the event. */
export async function answerCommand(
  request: MatrixRequest,
  event: DecodedEvent,
  text: string,
): Promise<void> {
  const { room, eventId, sender } = event;
  const thread = event.kind === 'message' ? event.thread : null;
  const txn = createHash('sha256').update(`answer ${room} ${eventId}`).digest('base64url');
  const body = {
    msgtype: 'm.notice',
    body: text,
    'm.mentions': { user_ids: [sender] },
    'm.relates_to': relationTo({ thread, replyTo: eventId }),
    [vagentContentKey]: {
      kind: 'status',
      session: formatSessionId({ room, thread, user: sender }),
      turn: eventId,
      entry: eventId,
    },
  };
  await request('PUT', `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/send/m.room.message/${txn}`, {
    body,
  });
}
