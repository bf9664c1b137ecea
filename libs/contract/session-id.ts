import { z } from 'zod';
import { eventId, roomId, userId } from './matrix-ids.ts';

export interface Session {
  readonly room: string;
  /** The thread's root event; null is the room's main timeline. */
  readonly thread: string | null;
  readonly user: string;
}

/** `{room_id}:{thread_id|main}:{user_id}`, the id of one conversation and LangGraph's `thread_id`. */
export function formatSessionId(session: Session): string {
  return `${session.room}:${session.thread ?? 'main'}:${session.user}`;
}

/**
 * The exact inverse of `formatSessionId` for every legal room, thread and user id; undefined for anything else.
 *
 * Ids contain colons, and a room id of version 12 has no server part. What makes the text unambiguous: no
 * server name and no local part puts `@` or `$` right behind a colon, so the first `:@` starts the user and
 * the first `:$` starts the thread.
 */
export function parseSessionId(text: string): Session | undefined {
  const userAt = text.indexOf(':@');
  if (userAt < 0) return undefined;
  const user = text.slice(userAt + 1);
  const place = text.slice(0, userAt);
  const threadAt = place.indexOf(':$');
  const thread = threadAt < 0 ? null : place.slice(threadAt + 1);
  if (thread === null && !place.endsWith(':main')) return undefined;
  const room = place.slice(0, threadAt < 0 ? -':main'.length : threadAt);
  const isLegal =
    roomId.safeParse(room).success &&
    userId.safeParse(user).success &&
    (thread === null || eventId.safeParse(thread).success);
  return isLegal ? { room, thread, user } : undefined;
}

export const sessionId = z.string().refine((text) => parseSessionId(text) !== undefined, 'not a session id');
