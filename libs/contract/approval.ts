import { createHash } from 'node:crypto';
import { z } from 'zod';
import { digestOf } from './canonical-json.ts';
import { eventId, roomId, userId } from './matrix-ids.ts';
import { sessionId } from './session-id.ts';

export const decisionKind = z.enum(['approve', 'edit', 'reject', 'respond']);
export type DecisionKind = z.infer<typeof decisionKind>;

export const risk = z.enum(['low', 'medium', 'high']);
export type Risk = z.infer<typeof risk>;

export const args = z.record(z.string(), z.json());

/** One exact action: `digest` is SHA-256 over the canonical JSON of name and arguments. */
export const action = z.object({ name: z.string().min(1), args, digest: z.string().regex(/^[0-9a-f]{64}$/) });
export type Action = z.infer<typeof action>;

export const approvalPolicy = z.object({
  reviewers: z.array(userId),
  quorum: z.int().min(1).default(1),
  excludeRequester: z.boolean().default(true),
  minPowerLevel: z.int().nullable().default(null),
  /** Seconds after the request at which the admin room is reminded. */
  reminders: z.array(z.int().positive()).default([]),
  escalateTo: roomId.nullable().default(null),
  onExpiry: z.enum(['reject']).default('reject'),
});
export type ApprovalPolicy = z.infer<typeof approvalPolicy>;

export const approvalStatus = z.enum([
  'pending',
  'approved',
  'edited',
  'rejected',
  'responded',
  'expired',
  'cancelled',
]);
export type ApprovalStatus = z.infer<typeof approvalStatus>;

/** A decision that counted, as kept in the record. */
export const countedDecision = z.object({
  decision: decisionKind,
  by: userId,
  at: z.iso.datetime(),
  /** The fact that carried it: a Matrix event id, or the id that console, API or CLI gave it. */
  id: z.string(),
});
export type CountedDecision = z.infer<typeof countedDecision>;

/** The question to humans about exact actions, as written in `approval:{id}` and in `approval.requested`. */
export const approval = z.object({
  id: z.string().regex(/^[0-9A-Z]{20}$/),
  session: sessionId,
  /** LangGraph's interrupt id and the thread that waits on it. */
  interrupt: z.string(),
  thread: z.string(),
  turn: z.string(),
  requester: userId,
  /** The Matrix event that the result will answer. */
  replyTo: eventId.nullable(),
  reason: z.string(),
  risk,
  actions: z.array(action).min(1),
  decisions: z.array(decisionKind).min(1),
  context: z.string(),
  policy: approvalPolicy,
  requestedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  status: approvalStatus,
  decided: z.array(countedDecision),
});
export type Approval = z.infer<typeof approval>;

export function actionOf(name: string, actionArgs: z.infer<typeof args>): Action {
  return { name, args: actionArgs, digest: digestOf({ name, args: actionArgs }) };
}

/** Crockford's base 32: no I, L, O, U, so that a code can be read aloud. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** 100 bits of SHA-256 over what caused it: a redelivered turn asks under the same id. */
export function approvalIdOf(session: string, turn: string, interrupt: string): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([session, turn, interrupt]))
    .digest();
  return Array.from(hash.subarray(0, 20), (byte) => alphabet.charAt(byte % 32)).join('');
}

/** The short code that a reviewer types: `!vagent approve 7K3Q9D`. */
export function approvalCodeOf(id: string): string {
  return id.slice(0, 6);
}
