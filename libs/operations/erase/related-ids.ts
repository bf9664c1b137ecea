import { z } from 'zod';

/** Ids by which things of a person hang together that do not name them. */
export interface RelatedIds {
  readonly approvals: Set<string>;
  readonly replies: Set<string>;
  readonly files: Set<string>;
  readonly events: Set<string>;
}

export function noRelatedIds(): RelatedIds {
  return { approvals: new Set(), replies: new Set(), files: new Set(), events: new Set() };
}

export function countRelated({ approvals, replies, files, events }: RelatedIds): number {
  return approvals.size + replies.size + files.size + events.size;
}

const text = z.string().nullish().catch(null);
const told = z.object({
  approval: z
    .union([z.string(), z.object({ id: z.string() }).transform(({ id }) => id)])
    .nullish()
    .catch(null),
  interrupt: text,
  id: text,
  reply: text,
  replies: z.array(z.string()).catch([]).default([]),
  approvals: z
    .array(z.object({ id: z.string() }))
    .catch([])
    .default([]),
  attachments: z
    .array(z.object({ kept: z.object({ id: z.string() }).optional().catch(undefined) }))
    .catch([])
    .default([]),
  eventId: text,
});

/** Notes the ids in something of theirs: a body, a record, an account of a turn. */
export function noteRelated(related: RelatedIds, json: unknown): void {
  const read = told.safeParse(json);
  if (!read.success) return;
  const { approval, interrupt, id, reply, replies, approvals, attachments, eventId } = read.data;
  if (approval != null) related.approvals.add(approval);
  // Only the record of an approval has an interrupt.
  if (interrupt != null && id != null) related.approvals.add(id);
  for (const one of approvals) related.approvals.add(one.id);
  for (const one of [reply, ...replies]) if (one != null) related.replies.add(one);
  for (const { kept } of attachments) if (kept !== undefined) related.files.add(kept.id);
  if (eventId != null) related.events.add(eventId);
}
