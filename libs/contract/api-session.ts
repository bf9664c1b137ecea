import { createHash } from 'node:crypto';
import { userId } from './matrix-ids.ts';
import { formatSessionId, parseSessionId } from './session-id.ts';

/** Names under `.invalid` exist nowhere (RFC 2606): no homeserver can have a room or a user of this server. */
const apiServer = 'gateway.invalid';

/** What a client may call one of its conversations. */
export const conversationName = /^[A-Za-z0-9_-]{1,64}$/;

/** The user id of somebody whom the gateway knows by a token: their own where it is one, else made from the subject. */
export function apiUserOf(subject: string): string {
  if (userId.safeParse(subject).success) return subject;
  const encoded = Buffer.from(subject).toString('base64url');
  // A user id has at most 255 bytes.
  const local = encoded.length <= 128 ? encoded : createHash('sha256').update(subject).digest('hex');
  return `@${local}:${apiServer}`;
}

/** The session of a conversation over HTTP. Each has a room of its own, which no homeserver knows. */
export function apiSessionOf(user: string, conversation: string): string {
  const owner = createHash('sha256').update(user).digest('hex').slice(0, 12);
  return formatSessionId({ room: `!${conversation}-${owner}:${apiServer}`, thread: null, user });
}

/** True for conversations over HTTP: nothing of them is posted to a homeserver. */
export function isApiSession(session: string): boolean {
  return parseSessionId(session)?.room.endsWith(`:${apiServer}`) === true;
}
