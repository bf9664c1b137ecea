import { z } from 'zod';
import { eventId } from '#contract/matrix-ids';
import { type VagentContent, vagentContent, vagentContentKey } from '#contract/vagent-content';
import { type MessageFields, readMessage } from './message-content.ts';
import { type OuterRelation, outerRelation } from './outer-relation.ts';
import type { EventEnvelope } from './room-event.ts';

/** What an event says, by kind. */
export type ContentFields =
  | (MessageFields & {
      readonly kind: 'message';
      /** What vagent, this or another one, says of an event that it sent. */
      readonly vagent: VagentContent | null;
    })
  | { readonly kind: 'edit'; readonly edits: string; readonly text: string }
  | { readonly kind: 'redaction'; readonly redacts: string }
  | { readonly kind: 'reaction'; readonly target: string; readonly key: string }
  | {
      readonly kind: 'member';
      readonly user: string;
      readonly membership: string;
      readonly displayName: string | null;
      /** Null where the homeserver does not say. */
      readonly previous: string | null;
    }
  | ({ readonly kind: 'encrypted' } & OuterRelation)
  /** It was encrypted, and cannot be read: its key did not come in time (`isLate`), or it is broken. */
  | ({ readonly kind: 'undecryptable'; readonly reason: string; readonly isLate: boolean } & OuterRelation)
  /** The room's encryption was switched on. */
  | { readonly kind: 'encryption' }
  | { readonly kind: 'tombstone'; readonly replacement: string | null }
  /** Its content was redacted. */
  | { readonly kind: 'redacted' }
  | { readonly kind: 'other' }
  | { readonly kind: 'undecodable'; readonly reason: string };

const reaction = z.object({
  'm.relates_to': z.object({
    rel_type: z.literal('m.annotation'),
    event_id: eventId,
    key: z.string().min(1),
  }),
});
const redaction = z.object({ redacts: eventId });
const member = z.object({ membership: z.string(), displayname: z.string().nullish().catch(null) });
const replacement = z.object({
  'm.relates_to': z.object({ rel_type: z.literal('m.replace'), event_id: z.unknown() }),
});
const edit = z.object({
  'm.relates_to': z.object({ event_id: eventId }),
  'm.new_content': z.looseObject({ body: z.string() }),
});

/** Reads the content by the event's type; content that breaks the type's rules is `undecodable`. */
export function readContent(event: EventEnvelope): ContentFields {
  const isState = event.state_key !== undefined;
  switch (event.type) {
    case 'm.room.message':
      return isState ? { kind: 'other' } : readRoomMessage(event);
    case 'm.room.encrypted':
      if (isState) return { kind: 'other' };
      return isRedacted(event)
        ? { kind: 'redacted' }
        : { kind: 'encrypted', ...outerRelation(event.content) };
    case 'm.room.redaction':
      return readRedaction(event);
    case 'm.reaction':
      if (isRedacted(event)) return { kind: 'redacted' };
      return readReaction(event.content);
    case 'm.room.member':
      return readMember(event);
    case 'm.room.encryption':
      return { kind: event.state_key === '' ? 'encryption' : 'other' };
    case 'm.room.tombstone':
      return event.state_key === '' ? readTombstone(event.content) : { kind: 'other' };
    default:
      return { kind: 'other' };
  }
}

function readRoomMessage(event: EventEnvelope): ContentFields {
  if (isRedacted(event)) return { kind: 'redacted' };
  const { content } = event;
  if (replacement.safeParse(content).success) {
    const parsed = edit.safeParse(content);
    if (!parsed.success) return undecodable(parsed.error);
    const { 'm.relates_to': relation, 'm.new_content': fresh } = parsed.data;
    const message = readMessage(fresh);
    // Of media the body is a caption, or the name of the file, which nobody wrote.
    const isMedia = message.ok && message.fields.attachments.length > 0;
    return { kind: 'edit', edits: relation.event_id, text: isMedia ? message.fields.text : fresh.body };
  }
  const message = readMessage(content);
  if (!message.ok) return { kind: 'undecodable', reason: message.reason };
  const vagent = vagentContent.safeParse(content[vagentContentKey]);
  return { kind: 'message', ...message.fields, vagent: vagent.success ? vagent.data : null };
}

function readReaction(content: EventEnvelope['content']): ContentFields {
  const parsed = reaction.safeParse(content);
  if (!parsed.success) return undecodable(parsed.error);
  const { event_id: target, key } = parsed.data['m.relates_to'];
  return { kind: 'reaction', target, key };
}

function readMember({ content, state_key, unsigned }: EventEnvelope): ContentFields {
  const parsed = member.safeParse(content);
  if (!parsed.success || state_key === undefined) return { kind: 'other' };
  const previous = member.safeParse(unsigned['prev_content']);
  const { membership, displayname } = parsed.data;
  return {
    kind: 'member',
    user: state_key,
    membership,
    displayName: displayname ?? null,
    previous: previous.success ? previous.data.membership : null,
  };
}

function readTombstone(content: EventEnvelope['content']): ContentFields {
  const room = content['replacement_room'];
  return { kind: 'tombstone', replacement: typeof room === 'string' ? room : null };
}

function readRedaction(event: EventEnvelope): ContentFields {
  const parsed = redaction.safeParse({ redacts: event.redacts ?? event.content['redacts'] });
  if (parsed.success) return { kind: 'redaction', ...parsed.data };
  // What it was about is gone from it, in rooms up to version 10.
  return isRedacted(event) ? { kind: 'redacted' } : undecodable(parsed.error);
}

function isRedacted({ unsigned }: EventEnvelope): boolean {
  return 'redacted_because' in unsigned;
}

function undecodable(error: z.ZodError): ContentFields {
  const [issue] = error.issues;
  return { kind: 'undecodable', reason: `content.${issue?.path.join('.')}: ${issue?.message}` };
}
