import { parseSessionId } from '#contract/session-id';
import type { DecodedEvent } from '#matrix/room-event';
import type { FetchEvent } from './event-memory.ts';

export interface Prompt {
  readonly approval: string;
  readonly session: string;
}

/** What an answer points at, the most exact first: the event replied to, then the root of its thread. */
export function answeredIds(event: Extract<DecodedEvent, { kind: 'message' }>): string[] {
  const ids = event.isRealReply ? [event.replyTo, event.thread] : [event.thread, event.replyTo];
  return ids.filter((id) => id !== null);
}

/**
 * The approval that an answer to one of these events is about: of the first that is a prompt or reminder which
 * the bot itself sent into this room.
 */
export async function findPrompt(
  deps: { readonly fetchEvent: FetchEvent; readonly userId: string },
  room: string,
  eventIds: readonly string[],
): Promise<Prompt | undefined> {
  for (const eventId of eventIds) {
    const event = await deps.fetchEvent(room, eventId);
    if (event?.kind !== 'message' || event.sender !== deps.userId || event.vagent === null) continue;
    const { kind, approval, session } = event.vagent;
    if ((kind !== 'approval' && kind !== 'reminder') || approval === undefined) continue;
    if (parseSessionId(session) !== undefined) return { approval, session };
  }
  return undefined;
}
