import type { Later, Notice, TurnOutput } from '#agents/conversation/turn';
import type { Commit, Output } from '#streams/commit';
import type { Delivery } from '#streams/delivery';
import { redisNow } from '#streams/redis-now';
import { closeApprovals } from '../approvals/close-approvals.ts';
import { requestApprovals } from '../approvals/request-approvals.ts';
import { outputsOf } from './outputs.ts';
import type { TurnCourse } from './record-turn.ts';
import { checkField, noteWrites } from './session-notes.ts';
import { sessionWrites } from './session-writes.ts';
import type { TurnDeps } from './turn-deps.ts';
import type { TurnSavers } from './turn-savers.ts';

/** What a turn of the conversation answers. */
export interface TurnCause {
  readonly requester: string;
  /** The event that the reply answers. */
  readonly replyTo: string | null;
  /** Of the reply: one more than its last draft. */
  readonly revision: number;
}

/** Parts of a commit, with what they mean for the record of the turn. */
export interface Told extends Required<Pick<Commit, 'outputs' | 'writes' | 'audit' | 'guards'>> {
  readonly course: TurnCourse;
}

/**
 * Everything that a turn of the conversation leaves behind, but for the savers' writes, which are the caller's to take:
 * its reply, new approvals, withdrawn ones, notices to the admin room, checks for later, the session's record.
 */
export async function turnCommit(
  deps: TurnDeps,
  delivery: Delivery,
  savers: TurnSavers,
  turn: TurnOutput,
  cause: TurnCause,
): Promise<Told> {
  const asked = await requestApprovals(deps, delivery, savers, turn.proposals, cause);
  const cancelled = await closeApprovals(deps, delivery, savers, turn.cancels, 'cancelled');
  const said = replyOutputs(delivery, turn, cause);
  const { account, situation, proposals, cancels, outcome } = turn;
  const noted = turn.later.flatMap(({ timer }) => [checkField(timer), '']);
  const replies = said.flatMap(({ entry }) => (entry.type === 'reply.finished' ? [entry.body.reply] : []));
  return {
    outputs: [
      ...said,
      ...asked.outputs,
      ...cancelled.outputs,
      ...turn.notices.map((notice) => noticeOutput(delivery, notice)),
      ...(await laterOutputs(deps, delivery, turn.later)),
    ],
    writes: [
      ...asked.writes,
      ...cancelled.writes,
      ...sessionWrites(deps, delivery, turn.situation),
      ...noteWrites(deps, delivery, noted),
    ],
    audit: [...asked.audit, ...cancelled.audit],
    guards: cancelled.guards,
    course: { outcome, account, situation, proposals, cancels, replies, speaker: turn.agent },
  };
}

/** A message that waits for reviewers gets a status, and its reply when they have decided. */
function replyOutputs(
  { entry }: Delivery,
  { reply, agent: speaker, outcome, proposals }: TurnOutput,
  { replyTo, revision }: TurnCause,
): Output[] {
  if (reply === undefined) return [];
  const output = outputsOf(entry);
  const agent = speaker ?? null;
  if (outcome !== 'waiting' || entry.type !== 'message.received') {
    return [output('reply.finished', 'reply', { reply: entry.id, text: reply, replyTo, revision, agent })];
  }
  const approval = proposals[0]?.approval ?? null;
  return [output('turn.status', 'waiting', { state: 'waiting', replyTo, text: reply, approval, agent })];
}

function noticeOutput({ entry }: Delivery, { name, text, approval }: Notice): Output {
  return outputsOf(entry)('notice.raised', `notice-${name}`, { text, approval });
}

async function laterOutputs(
  { redis }: TurnDeps,
  { entry }: Delivery,
  later: readonly Later[],
): Promise<Output[]> {
  if (later.length === 0) return [];
  const now = await redisNow(redis);
  return later.map(({ timer, afterSeconds, check }) =>
    outputsOf(entry)('timer.set', timer, {
      timer,
      kind: 'turn.check',
      dueAt: new Date(now + afterSeconds * 1_000).toISOString(),
      data: { ...check, args: { ...check.args }, setAt: now },
    }),
  );
}
