import { z } from 'zod';
import { eventId } from '#contract/matrix-ids';

/** What an encrypted event says in clear text of how it relates to others. Its homeserver could have written it. */
export interface OuterRelation {
  readonly thread: string | null;
  /** The event that it answers, for real or only for clients that know no threads. */
  readonly replyTo: string | null;
  /** The event that it replaces. */
  readonly edits: string | null;
}

const id = eventId.nullish().catch(null);
const relation = z
  .object({
    rel_type: z.string().nullish().catch(null),
    event_id: id,
    'm.in_reply_to': z.object({ event_id: id }).nullish().catch(null),
  })
  .catch({});

/** Reads what it can of `m.relates_to`; broken relations are none. Never throws. */
export function outerRelation(content: Readonly<Record<string, unknown>>): OuterRelation {
  const { rel_type, event_id, 'm.in_reply_to': answered } = relation.parse(content['m.relates_to']);
  const target = event_id ?? null;
  return {
    thread: rel_type === 'm.thread' ? target : null,
    replyTo: answered?.event_id ?? null,
    edits: rel_type === 'm.replace' ? target : null,
  };
}
