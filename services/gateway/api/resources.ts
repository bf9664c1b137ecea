import { z } from 'zod';
import { approval, args, decisionKind } from '#contract/approval';
import { turnRecord } from '#contract/turn-record';
import { revocationKind } from '#operations/access/revocation';
import { switchedOff, switchScope } from '#operations/switches/switch';
import { liveEvent } from './live.ts';
import { role } from './role.ts';

export const me = z.object({
  user: z.string(),
  name: z.string(),
  role,
  /** When the session ends unless it is used, ISO 8601. */
  expiresAt: z.string(),
  version: z.string(),
});

/** `open` for approvals; what was asked and decided lately comes with `recent`. */
export const approvalList = z.object({ now: z.string(), approvals: z.array(approval) });

export const decisionRequest = z.object({
  decision: decisionKind,
  /** Why, on a reject; the answer, on a respond. */
  text: z.string().max(20_000).nullable().default(null),
  /** On an edit: the arguments to run with, one set for each action, or a text. */
  edit: z
    .union([args, z.array(args), z.string()])
    .nullable()
    .default(null),
  /** The digests of the actions that were shown: a decision on anything else is refused. */
  digests: z.array(z.string()).min(1),
  /** Sent again under the same id it counts once. */
  decision_id: z.string().regex(/^[A-Za-z0-9_-]{8,64}$/),
});

export const session = z.object({
  session: z.string(),
  room: z.string(),
  thread: z.string().nullable(),
  user: z.string(),
  partition: z.int(),
  lastTurnAt: z.string(),
  turns: z.int(),
  conversation_state: z.string(),
  flow: z.string().nullable(),
  step: z.string().nullable(),
  awaiting: z.string().nullable(),
  paused: z.array(z.string()),
  parked: z.array(z.string()),
  topics: z.array(z.string()),
});
export const sessionList = z.object({ now: z.string(), sessions: z.array(session) });

/**
 * What is still known of a conversation, oldest first: what was said, page by page back from now, and how each turn came
 * about.
 */
export const timeline = z.object({
  session,
  events: z.array(liveEvent),
  turns: z.array(turnRecord),
  waiting: z.array(approval),
  /** Follow it live from here. */
  cursor: z.string(),
  /** Ask for what was said before with this as `before`; null where nothing older is kept. A page may be empty before that. */
  older: z.string().nullable(),
});

/** Why an event was posted: in words, and what they were made of. */
export const story = z.object({
  event: z.string(),
  session: z.string(),
  /** Markdown, in the order in which it happened. */
  text: z.string(),
  /** The same, line by line. */
  lines: z.array(
    z.object({
      /** ISO 8601; null where only the order is known. */
      at: z.string().nullable(),
      kind: z.string(),
      text: z.string(),
      details: z.array(z.string()),
    }),
  ),
  turn: turnRecord.nullable(),
  /** It and the turns that belong to it, oldest first. */
  turns: z.array(turnRecord),
  approvals: z.array(approval),
  audit: z.array(z.record(z.string(), z.string())),
  /** What could not be found any more, each with why. */
  gaps: z.array(z.string()),
});

export const deadLetter = z.object({
  letter: z.string(),
  partition: z.int(),
  at: z.string(),
  stage: z.string(),
  reason: z.string(),
  attempts: z.string(),
  type: z.string(),
  session: z.string().nullable(),
  stream: z.string().nullable(),
  /** Why it cannot be replayed; null where it can. */
  obstacle: z.string().nullable(),
  fields: z.array(z.object({ name: z.string(), value: z.string() })),
});
export const deadLetterList = z.object({ letters: z.array(deadLetter) });
/** `dry_run` says what would happen, and changes nothing. */
export const settleRequest = z.object({ dry_run: z.boolean().default(true) });
export const settleAnswer = z.object({ letter: z.string(), done: z.boolean(), what: z.string() });

export const partition = z.object({
  partition: z.int(),
  streams: z.array(
    z.object({
      stream: z.string(),
      state: z.string(),
      length: z.int(),
      lag: z.int().nullable(),
      pending: z.int(),
      oldestAt: z.string().nullable(),
    }),
  ),
  leases: z.array(
    z.object({ group: z.string(), owner: z.string().nullable(), epoch: z.int(), leftMs: z.number() }),
  ),
});
export const partitionList = z.object({ now: z.string(), partitions: z.array(partition) });

export const member = z.object({
  member: z.string(),
  slot: z.string(),
  group: z.enum(['graph', 'egress', 'clock']),
  lastSeenAt: z.string(),
  partitions: z.array(z.int()),
});
export const memberList = z.object({ now: z.string(), members: z.array(member) });

/** One look at the whole system; the gateway takes one every five seconds and keeps an hour of them. */
export const sample = z.object({
  at: z.string(),
  lag: z.int(),
  pending: z.int(),
  oldestSeconds: z.number(),
  deadLetters: z.int(),
  openApprovals: z.int(),
  /** Since the sample before. */
  messages: z.int(),
  replies: z.int(),
  failures: z.int(),
  approved: z.int(),
  edited: z.int(),
  rejected: z.int(),
  /** From the message to its reply, in milliseconds, of the replies of this sample; null without any. */
  p50Ms: z.number().nullable(),
  p95Ms: z.number().nullable(),
});
export type Sample = z.infer<typeof sample>;
export const overview = z.object({
  now: z.string(),
  redis: z.object({ version: z.string(), usedBytes: z.int(), maxBytes: z.int() }),
  members: z.array(member),
  samples: z.array(sample),
  switches: z.array(switchedOff),
});

export const playbook = z.object({
  version: z.string(),
  name: z.string(),
  agents: z.array(
    z.object({
      id: z.string(),
      description: z.string(),
      tools: z.array(z.string()),
      review: z.string(),
      flag: z.string().nullable(),
    }),
  ),
  flows: z.array(z.object({ id: z.string(), description: z.string(), steps: z.int() })),
  tools: z.array(
    z.object({ name: z.string(), risk: z.string(), reviewers: z.array(z.string()), quorum: z.int() }),
  ),
  flags: z.array(z.object({ id: z.string(), state: z.string(), description: z.string() })),
  /** Messages to try it with, out of its own conversation tests. */
  suggestions: z.array(z.string()).default([]),
});

export const switchRequest = z.object({
  scope: switchScope,
  name: z.string().min(1).max(255),
  off: z.boolean(),
  because: z.string().max(500).default(''),
});
export const switchList = z.object({ switches: z.array(switchedOff) });

export const auditVerdict = z.object({
  intact: z.boolean(),
  lines: z.int(),
  partitions: z.array(
    z.object({
      partition: z.int(),
      intact: z.boolean(),
      lines: z.int(),
      head: z.string().nullable(),
      problem: z.string().nullable(),
    }),
  ),
});
export const auditLines = z.object({
  lines: z.array(z.object({ partition: z.int(), id: z.string(), fields: z.record(z.string(), z.string()) })),
});

/** How people may sign in here, and whether programs may send tokens. */
export const waysIn = z.object({ links: z.boolean(), oidc: z.boolean(), tokens: z.boolean() });
export const ticket = z.object({ ticket: z.string(), expiresInSeconds: z.int() });
export const signInRequest = z.object({ code: z.string().min(16).max(256) });

export const revocationRequest = z.object({
  /** One token by its claim `jti`, or everything that proved until now who a subject is. */
  kind: revocationKind,
  /** The `jti`; or the subject: a Matrix id, or the claim `sub` of a token. */
  id: z.string().min(1).max(255),
  because: z.string().max(500).default(''),
  /** Of a subject: only what was issued until then, ISO 8601; by default until now. */
  before: z.iso.datetime({ offset: true }).optional(),
});
/** What is revoked and could still come, the newest first. */
export const revocationList = z.object({
  revocations: z.array(
    z.object({
      kind: revocationKind,
      id: z.string(),
      by: z.string(),
      because: z.string(),
      at: z.string(),
      until: z.string(),
    }),
  ),
});
