import type { Approval } from '#contract/approval';
import type { EntryOf } from '#contract/entry';
import { parseSessionId } from '#contract/session-id';
import type { AuditRecord, Output } from '#streams/commit';
import type { Delivery } from '#streams/delivery';
import { redisNow } from '#streams/redis-now';
import { closeApprovals } from '../approvals/close-approvals.ts';
import { openApprovalsOf } from '../approvals/open-approvals-of.ts';
import { forgetSession } from './forget-session.ts';
import { outputsOf } from './outputs.ts';
import type { TurnResult } from './record-turn.ts';
import { checksOf, closedField, noteWrites } from './session-notes.ts';
import type { TurnDeps } from './turn-deps.ts';
import type { TurnSavers } from './turn-savers.ts';

type Closed = EntryOf<'session.closed'>;

const lostWords = {
  kicked: 'The bot was removed from the room of the request',
  banned: 'The bot was banned from the room of the request',
  room_gone: 'The bot is not in the room of the request any more',
} as const;

const goesOn = 'This conversation goes on here: what waited in the room before this one still waits.';

/**
 * The room of the session is lost, or goes on in another one. Lost: what waits for reviewers expires with the reason, and
 * the conversation is forgotten, so that an invite begins afresh; its checks for later are nobody's business any more. Moved: nothing is lost, since sessions keep the name of
 * the room that they began in and egress posts where it goes on; only prompts of an admin room that moved are asked anew,
 * because decisions count in the new one alone.
 */
export async function takeClosedTurn(
  deps: TurnDeps,
  delivery: Delivery,
  entry: Closed,
  savers: TurnSavers,
): Promise<TurnResult> {
  const { partition } = delivery;
  const { session, body } = entry;
  const waiting = await openApprovalsOf(deps, partition, session);
  const audit = [auditLine(delivery, entry)];
  if (body.reason === 'room_upgraded') {
    return { outputs: await moveOutputs(deps, entry, waiting), audit, outcome: 'moved' };
  }
  const ids = waiting.map(({ id }) => id);
  const closing = await closeApprovals(deps, delivery, savers, ids, 'expired', lostWords[body.reason]);
  const forgotten = await forgetSession(deps, { partition, session }, savers);
  const output = outputsOf(entry);
  const checks = (await checksOf(deps, delivery)).map((timer) =>
    output('timer.cancelled', `cancel-${timer}`, { timer }),
  );
  // Timers that are firing at this moment, and those of a release that did not note them, find this.
  const closed = noteWrites(deps, delivery, [closedField, String(await redisNow(deps.redis))]);
  return {
    ...closing,
    outputs: [...closing.outputs, ...checks],
    audit: [...audit, ...closing.audit],
    writes: [...savers.takeWrites(), ...closing.writes, ...forgotten, ...closed],
    outcome: 'closed',
  };
}

async function moveOutputs(
  { moves, adminRoom }: Pick<TurnDeps, 'moves' | 'adminRoom'>,
  entry: Closed,
  waiting: readonly Approval[],
): Promise<Output[]> {
  if (waiting.length === 0) return [];
  const output = outputsOf(entry);
  const { movedTo } = entry.body;
  if (movedTo !== null && (await moves.currentOf(adminRoom)) === movedTo) {
    return waiting.map((approval) =>
      output('approval.requested', `again-${approval.id}`, { approval: { ...approval } }),
    );
  }
  if (parseSessionId(entry.session) === undefined) return [];
  const status = { state: 'waiting', replyTo: null, text: goesOn, approval: null } as const;
  return [output('turn.status', 'moved', status)];
}

function auditLine({ appendedAt }: Delivery, { id, session, body }: Closed): AuditRecord {
  return {
    type: 'session.closed',
    session,
    reason: body.reason,
    ...(body.movedTo === null ? {} : { movedTo: body.movedTo }),
    cause: id,
    at: new Date(appendedAt).toISOString(),
  };
}
