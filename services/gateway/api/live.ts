import { z } from 'zod';
import { approval, approvalStatus, decisionKind } from '#contract/approval';

/**
 * Where a reader is in the three streams of a partition (inbound, outbound, approvals): their last entry ids, joined by
 * commas. It is the id of every live event, thus what `Last-Event-ID` and `resume` carry.
 */
export const cursor = z.string().regex(/^\d+-\d+,\d+-\d+,\d+-\d+$/);

const about = { id: cursor, session: z.string(), turn: z.string(), at: z.string() };

/** What happens in a conversation, as it happens. Texts are Markdown. */
export const liveEvent = z.discriminatedUnion('event', [
  z.object({ ...about, event: z.literal('message'), sender: z.string(), text: z.string() }),
  z.object({ ...about, event: z.literal('draft'), reply: z.string(), text: z.string(), revision: z.int() }),
  z.object({ ...about, event: z.literal('reply'), reply: z.string(), text: z.string() }),
  z.object({
    ...about,
    event: z.literal('status'),
    state: z.enum(['typing', 'waiting', 'idle']),
    text: z.string(),
    approval: z.string().nullable(),
  }),
  z.object({ ...about, event: z.literal('failed'), reason: z.string(), text: z.string() }),
  z.object({ ...about, event: z.literal('approval'), approval }),
  z.object({
    ...about,
    event: z.literal('decision'),
    approval: z.string(),
    decision: decisionKind,
    by: z.string(),
    via: z.string(),
  }),
  z.object({
    ...about,
    event: z.literal('approval_resolved'),
    approval: z.string(),
    notice: z.string(),
    status: approvalStatus.nullable(),
    by: z.array(z.string()),
    text: z.string(),
  }),
  z.object({ ...about, event: z.literal('reminder'), approval: z.string(), expiresAt: z.string() }),
  z.object({ ...about, event: z.literal('notice'), text: z.string() }),
  z.object({ ...about, event: z.literal('other'), type: z.string() }),
]);
export type LiveEvent = z.infer<typeof liveEvent>;

/** The last event of an event stream that the gateway ends early, `closed`: why, thus whether it helps to come again. */
export const streamClosed = z.object({ because: z.enum(['unauthorised', 'slow_reader', 'going_away']) });
export type StreamClosed = z.infer<typeof streamClosed>;

/** Frames of the WebSocket beside live events. */
export const serverFrame = z.discriminatedUnion('frame', [
  z.object({ frame: z.literal('hello'), session: z.string(), heartbeatSeconds: z.number() }),
  z.object({ frame: z.literal('event'), event: liveEvent }),
  /** Nothing is lost, it is late: Redis does not answer, or the reader is behind. */
  z.object({ frame: z.literal('delayed'), because: z.enum(['redis', 'slow_reader']) }),
  /** Everything was told, up to `id` where one session is followed: from there it can be resumed, however quiet it was. */
  z.object({ frame: z.literal('current'), id: cursor.optional() }),
  z.object({ frame: z.literal('pong') }),
]);
export type ServerFrame = z.infer<typeof serverFrame>;

export const clientFrame = z.discriminatedUnion('frame', [
  z.object({ frame: z.literal('ping') }),
  /** The first frame, where the socket was opened without credentials: it is closed with 4401 unless this is right. */
  z.object({ frame: z.literal('authorise'), token: z.string().max(8_192) }),
  /** Only directly after `hello`: events behind this cursor come first. */
  z.object({ frame: z.literal('resume'), after: cursor }),
]);

/** Close codes of the WebSocket. */
export const closeCodes = {
  unauthorised: 4401,
  forbidden: 4403,
  idle: 4408,
  tooSlow: 4413,
  tooMany: 4429,
  goingAway: 1001,
  /** Whether the token is good cannot be told at the moment (the registry of RFC 6455). */
  tryAgain: 1013,
} as const;
