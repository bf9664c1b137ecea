import { parseSessionId } from '#contract/session-id';
import type { VagentContent } from '#contract/vagent-content';
import type { DecodedEvent } from '#matrix/room-event';
import type { ByEncryptionDeps } from '../encrypted/admit-by-encryption.ts';
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

export interface FindPromptDeps extends ByEncryptionDeps {
  readonly userId: string;
  readonly fetchEvent: FetchEvent;
  /** What egress has noted of an event that it posted. */
  readonly findPosted: (eventId: string) => Promise<Origin | undefined>;
}

type Origin = Pick<VagentContent, 'kind' | 'session'> & { readonly approval?: string | null | undefined };

/**
 * The approval that an answer to one of these events is about: of the first that is a prompt or reminder which
 * the bot itself sent into this room.
 */
export async function findPrompt(
  deps: FindPromptDeps,
  room: string,
  eventIds: readonly string[],
): Promise<Prompt | undefined> {
  for (const eventId of eventIds) {
    const { kind, approval, session } = (await originOf(deps, room, eventId)) ?? {};
    if ((kind !== 'approval' && kind !== 'reminder') || session === undefined) continue;
    if (approval != null && parseSessionId(session) !== undefined) return { approval, session };
  }
  return undefined;
}

/**
 * What an event of the bot's came from. In an encrypted room clear text proves nothing: there it is what was encrypted,
 * or, where a new device has lost the keys of old events, what egress has noted.
 */
async function originOf(
  { fetchEvent, findPosted, userId, encryption, views }: FindPromptDeps,
  room: string,
  eventId: string,
): Promise<Origin | undefined> {
  const event = await fetchEvent(room, eventId);
  if (event === undefined || event.kind === 'unreadable' || event.sender !== userId) return undefined;
  if (encryption === 'opened' && !event.encrypted && (await views.view(room)).isEncrypted) {
    return findPosted(eventId);
  }
  return event.kind === 'message' ? (event.vagent ?? undefined) : undefined;
}
