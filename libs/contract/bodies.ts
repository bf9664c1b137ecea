import { z } from 'zod';
import { approval, approvalStatus, args, decisionKind } from './approval.ts';
import { eventId, roomId, userId } from './matrix-ids.ts';

const attachment = z.object({
  name: z.string(),
  mimetype: z.string().nullable(),
  size: z.int().nonnegative().nullable(),
  url: z.string(),
  /** Its bytes were fetched, looked at and kept for the worker: under which id, what they are, how many. */
  kept: z.object({ id: z.string(), mimetype: z.string(), bytes: z.int().nonnegative() }).optional(),
  /** They were not, and why. */
  refused: z.enum(['too_large', 'type', 'unreachable', 'undecryptable', 'blocked', 'limited']).optional(),
});

const messageReceived = z.object({
  eventId,
  sender: userId,
  displayName: z.string().nullable(),
  text: z.string(),
  thread: eventId.nullable(),
  replyTo: eventId.nullable(),
  direct: z.boolean(),
  /** The agent that it is for: it names, or answers, the user who speaks for that one. */
  toAgent: z.string().max(64).optional(),
  attachments: z.array(attachment),
  encrypted: z.boolean(),
  originTime: z.iso.datetime(),
  /** Over the limit of its sender or room: it is not answered, only told so where `tell` says it. */
  limited: z.object({ scope: z.enum(['user', 'room']), tell: z.boolean() }).optional(),
  /** Its key never came: it is not answered, only told so where `tell` says it. */
  undecryptable: z.object({ reason: z.string(), tell: z.boolean() }).optional(),
});

const messageEdited = z.object({
  eventId,
  sender: userId,
  edits: eventId,
  text: z.string(),
  originTime: z.iso.datetime(),
});

const messageRedacted = z.object({ eventId, sender: userId, redacts: eventId, originTime: z.iso.datetime() });

/**
 * An edit was taken back (`redacts` is its own event), and its message stays, which reads as it did before. A type of its own:
 * a release that does not know it leaves it alone, where it would take it for the redaction of a message.
 */
const editRedacted = messageRedacted;

const approvalDecided = z.object({
  approval: approval.shape.id,
  decision: decisionKind,
  by: userId,
  at: z.iso.datetime(),
  via: z.enum(['reaction', 'reply', 'command', 'console', 'api', 'cli']),
  /** The Matrix event that carried the decision, and the room and power level it was sent with. */
  eventId: eventId.nullable(),
  room: roomId.nullable(),
  powerLevel: z.int().nullable(),
  /** Why, on a reject; the answer, on a respond. */
  text: z.string().nullable(),
  /** On an edit: the arguments to run with, or one set for each action, or a text. */
  edit: z.union([args, z.array(args), z.string()]).nullable(),
});

const approvalExpired = z.object({ approval: approval.shape.id, dueAt: z.iso.datetime() });

/** Somebody says over HTTP whether they were helped. */
const feedbackGiven = z.object({
  sender: userId,
  solved: z.boolean(),
  comment: z.string(),
  /** The turn that it is about; null for the conversation. */
  about: z.string().nullable(),
});

const timerFired = z.object({ timer: z.string(), kind: z.string(), data: z.json() });

const sessionReset = z.object({ by: z.string() });

/**
 * The room of the session is no longer ours to write in: what waits in it ends. Or that room, or the admin room, was upgraded
 * to `movedTo`: what waits goes on, and prompts of an admin room that moved are asked anew.
 */
const sessionClosed = z.object({
  reason: z.enum(['kicked', 'banned', 'room_gone', 'room_upgraded']),
  movedTo: roomId.nullable(),
});

/** `text` is Markdown: the whole text so far on a draft, never a delta. `reply` joins drafts and the final text. */
const replyText = z.object({
  reply: z.string(),
  text: z.string(),
  /** The event that is answered; null where a reply starts by itself. */
  replyTo: eventId.nullable(),
  /** Grows by one with each draft of a reply; the final text has the highest. */
  revision: z.int().nonnegative(),
  /** The agent who speaks; the bot itself where there is none. */
  agent: z.string().nullable().optional(),
});

/** What was posted of a reply is taken back: the message that it answers was redacted, or replaced in mid-turn. */
const replyWithdrawn = z.object({
  reply: z.string(),
  reason: z.enum(['redacted', 'interrupted', 'rolled_back']),
});

const turnStatus = z.object({
  state: z.enum(['typing', 'waiting', 'idle']),
  replyTo: eventId.nullable(),
  /** What the room is told; empty where a typing notice says it all. */
  text: z.string(),
  approval: approval.shape.id.nullable(),
  /** The agent who speaks, as of the reply that follows. */
  agent: z.string().nullable().optional(),
});

const turnFailed = z.object({ replyTo: eventId.nullable(), reason: z.string(), text: z.string() });

const approvalRequested = z.object({ approval });

const approvalReminded = z.object({
  approval: approval.shape.id,
  reminder: z.int().positive(),
  expiresAt: z.iso.datetime(),
  escalateTo: roomId.nullable(),
});

/**
 * What the admin room is told about an approval: `outcome` edits the prompt, the others answer the event
 * `replyTo` and change nothing.
 */
const approvalResolved = z.object({
  approval: approval.shape.id,
  notice: z.enum(['outcome', 'progress', 'already_decided', 'refused', 'unknown']),
  status: approvalStatus.nullable(),
  by: z.array(userId),
  text: z.string(),
  replyTo: eventId.nullable(),
});

/** What the admin room is told without being asked: in the thread of an approval's prompt, or by itself. */
const noticeRaised = z.object({
  /** Markdown. */
  text: z.string(),
  approval: approval.shape.id.nullable(),
  /** Nothing is told, and `text` is empty: an earlier notice is taken back, since the message that it quotes was redacted. */
  withdraws: z
    .object({
      /** Its id. */
      notice: z.string(),
      /** Its place in the stream. */
      entry: z.string(),
    })
    .optional(),
});

const timerSet = z.object({
  timer: z.string(),
  kind: z.enum(['approval.expiry', 'approval.reminder', 'turn.check']),
  dueAt: z.iso.datetime(),
  data: z.json(),
});

const timerCancelled = z.object({ timer: z.string() });

/** Every entry type with the shape of its body. The streams that carry it: `streamsOf`. */
export const bodies = {
  'message.received': messageReceived,
  'message.edited': messageEdited,
  'message.redacted': messageRedacted,
  'edit.redacted': editRedacted,
  'approval.decided': approvalDecided,
  'approval.expired': approvalExpired,
  'timer.fired': timerFired,
  'feedback.given': feedbackGiven,
  'session.reset': sessionReset,
  'session.closed': sessionClosed,
  'reply.drafted': replyText,
  'reply.finished': replyText,
  'reply.withdrawn': replyWithdrawn,
  'turn.status': turnStatus,
  'turn.failed': turnFailed,
  'approval.requested': approvalRequested,
  'approval.reminded': approvalReminded,
  'approval.resolved': approvalResolved,
  'notice.raised': noticeRaised,
  'timer.set': timerSet,
  'timer.cancelled': timerCancelled,
} as const;

export type EntryType = keyof typeof bodies;
export type Body<T extends EntryType> = z.infer<(typeof bodies)[T]>;

/** The types that each stream carries. */
export const streamTypes = {
  inbound: [
    'message.received',
    'message.edited',
    'message.redacted',
    'approval.decided',
    'approval.expired',
    'timer.fired',
    'feedback.given',
    'session.reset',
    'session.closed',
    'edit.redacted',
  ],
  outbound: ['reply.drafted', 'reply.finished', 'reply.withdrawn', 'turn.status', 'turn.failed'],
  approvals: ['approval.requested', 'approval.reminded', 'approval.resolved', 'notice.raised'],
  timers: ['timer.set', 'timer.cancelled'],
} as const satisfies Record<string, readonly EntryType[]>;

export type StreamName = keyof typeof streamTypes;
