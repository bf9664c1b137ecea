import type { EntryOf } from '#contract/entry';
import { erasedWords } from '#contract/erased';
import type { Output, RedisWrite } from '#streams/commit';
import type { Delivery } from '#streams/delivery';
import { closeApprovals } from '../approvals/close-approvals.ts';
import { openApprovalsOf } from '../approvals/open-approvals-of.ts';
import { findTraces, type Traces } from './find-traces.ts';
import { deletions, forgetDecided, forgetInMemory, hasWords, vaultWrites } from './forget-words.ts';
import { outputsOf } from './outputs.ts';
import { blankRecords, type TurnResult } from './record-turn.ts';
import { goneField, noteWrites, readNotes, unansweredWrites } from './session-notes.ts';
import type { TurnDeps } from './turn-deps.ts';
import type { TurnSavers } from './turn-savers.ts';
import { withdrawNotices } from './withdraw-notices.ts';

type Redacted = EntryOf<'message.redacted'>;

/** Outcomes of messages that no conversation has heard of. */
const unheard: ReadonlySet<string> = new Set(
  'limited rejected rolled_back redacted switched_off undecryptable dead'.split(' '),
);

/**
 * A message was taken back. The work on it has ended by now, broken off or not: what is left of it goes with this turn's commit,
 * which is its text and its edits, what was made of it in the conversation, what waits for a reviewer because of it, its
 * files, its letters among the dead ones, and the personal data that nothing else refers to. Its reply is taken back too, and
 * what quotes it in the admin room.
 */
export async function takeRedactionTurn(
  deps: TurnDeps,
  delivery: Delivery,
  entry: Redacted,
  savers: TurnSavers,
): Promise<TurnResult> {
  const { partition } = delivery;
  const { session, body } = entry;
  const traces = await findTraces(deps, delivery, body.redacts);
  const isBlind = traces.texts.length === 0 && (await isHeard(deps, delivery, body.redacts));
  const waiting = await openApprovalsOf(deps, partition, session);
  const derived = waiting.filter(
    (approval) => isBlind || traces.approvals.includes(approval.id) || hasWords(approval, traces.texts),
  );
  const ids = derived.map(({ id }) => id);
  const closing = await closeApprovals(deps, delivery, savers, ids, 'cancelled', erasedWords);
  const approvals = [...new Set([...traces.approvals, ...ids])];
  const decided = await forgetDecided(deps, delivery, savers, approvals);
  const taken = { texts: traces.texts, replies: traces.replies, turns: traces.turns, approvals };
  const { left, heard } = await forgetInMemory(deps, savers, session, isBlind ? undefined : taken);
  await deps.forgetTurns(session, traces.turns, [...traces.texts, ...heard]);
  const notices = await withdrawNotices(deps, delivery, traces.turns, traces.texts);
  return {
    outputs: [...withdrawals(deps, entry, traces), ...notices, ...closing.outputs, ...decided.outputs],
    writes: [
      ...savers.takeWrites(),
      ...closing.writes,
      ...traces.writes,
      ...deletions(approvals.map((id) => deps.keys.approval(partition, id))),
      ...deletions(traces.media.map((id) => deps.keys.media(partition, id))),
      ...(await forgetUnanswered(deps, delivery, body.redacts)),
      ...noteWrites(
        deps,
        delivery,
        [body.redacts, ...traces.edits].flatMap((gone) => [goneField(gone), entry.id]),
      ),
      ...(await blankRecords(deps, delivery, traces.turns)),
      ...vaultWrites(deps, delivery, traces.texts, left),
    ],
    audit: closing.audit,
    guards: closing.guards,
    outcome: 'erased',
  };
}

/**
 * Whether a conversation may hold something of a message that no stream has any more: long ago, and known to nobody word for
 * word, it can only be forgotten with everything else. One that was erased before is redacted twice.
 */
async function isHeard(
  { redis, keys }: TurnDeps,
  { partition, entry }: Delivery,
  target: string,
): Promise<boolean> {
  const gone = await redis.hget(keys.session(partition, entry.session), goneField(target));
  const fate = await redis.get(keys.fact(partition, target));
  return gone === null && !unheard.has(fate?.replace(/^done:/, '') ?? '');
}

/** Drafts go in any case; an answer that may stay is left alone. */
function withdrawals({ messages }: TurnDeps, entry: Redacted, { turns, timers }: Traces): Output[] {
  const output = outputsOf(entry);
  const withdrawn = messages().onRedaction === 'keep_answer' ? [] : turns;
  return [
    ...withdrawn.map((reply) =>
      output('reply.withdrawn', `withdrawn-${reply}`, { reply, reason: 'redacted' as const }),
    ),
    ...timers.map((timer) => output('timer.cancelled', `cancel-${timer}`, { timer })),
  ];
}

async function forgetUnanswered(deps: TurnDeps, delivery: Delivery, target: string): Promise<RedisWrite[]> {
  const { unanswered } = await readNotes(deps, delivery);
  const left = unanswered.filter(({ eventId }) => eventId !== target);
  return left.length === unanswered.length ? [] : unansweredWrites(deps, delivery, left);
}
