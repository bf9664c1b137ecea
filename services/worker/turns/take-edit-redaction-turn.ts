import type { EntryOf } from '#contract/entry';
import { restorable } from '#privacy/placeholder';
import type { Output, RedisWrite } from '#streams/commit';
import type { Delivery } from '#streams/delivery';
import { readApproval } from '../approvals/approval-record.ts';
import { openApprovalsOf } from '../approvals/open-approvals-of.ts';
import { type FoundEdit, findEdit } from './find-edit.ts';
import { approvalsOf } from './find-traces.ts';
import { deletions, forgetDecided, forgetInMemory, hasWords, vaultWrites } from './forget-words.ts';
import { withoutEdits } from './question.ts';
import type { TurnResult } from './record-turn.ts';
import { answerField, goneField, noteWrites, readNotes, unansweredWrites } from './session-notes.ts';
import { rowsForward } from './stream-rows.ts';
import type { TurnDeps } from './turn-deps.ts';
import type { TurnSavers } from './turn-savers.ts';
import { withdrawNotices } from './withdraw-notices.ts';

type EditRedacted = EntryOf<'edit.redacted'>;

/**
 * An edit was taken back, and its message reads as before. A question that is still to be answered has that text again: its
 * own turn, or the next one that answers it too, sees this entry in the lane. Where a turn has used the
 * edit nothing is undone, but its words go: from the streams, the dead letters, the conversation's memory, and what was
 * decided. An approval that waits keeps what its reviewers decide about.
 */
export async function takeEditRedactionTurn(
  deps: TurnDeps,
  delivery: Delivery,
  entry: EditRedacted,
  savers: TurnSavers,
): Promise<TurnResult> {
  const { partition } = delivery;
  const { redacts: edit } = entry.body;
  const gone = await deps.redis.hget(deps.keys.session(partition, entry.session), goneField(edit));
  // Taken back before, or together with its message.
  if (gone !== null) return { outcome: 'erased' };
  const found = await findEdit(deps, delivery, edit);
  const isUsed = (await deps.redis.get(deps.keys.fact(partition, edit))) === 'done:applied';
  const used = isUsed ? await forgetUsed(deps, delivery, savers, { edit, found }) : undefined;
  const values = await valueWrites(
    deps,
    delivery,
    found,
    used?.left ?? (() => keptOf(deps, delivery, savers)),
  );
  return {
    outputs: used?.outputs ?? [],
    writes: [
      ...savers.takeWrites(),
      ...(used?.writes ?? []),
      ...values,
      ...(await rowWrites(deps, delivery, edit, found)),
      ...noteWrites(deps, delivery, [goneField(edit), entry.id]),
    ],
    outcome: 'erased',
  };
}

/** Of an edit whose text the stream has no more, nobody knows what it said: it goes with everything that was said. */
async function forgetUsed(
  deps: TurnDeps,
  delivery: Delivery,
  savers: TurnSavers,
  { edit, found }: { readonly edit: string; readonly found: FoundEdit | undefined },
): Promise<{ outputs: Output[]; writes: RedisWrite[]; left: string }> {
  const { partition } = delivery;
  const { session } = delivery.entry;
  const texts = found === undefined ? [] : [found.text];
  const taken = found && { texts, replies: [], turns: [], approvals: [] };
  const { left, heard } = await forgetInMemory(deps, savers, session, taken);
  const turns = found === undefined ? [] : await turnsOn(deps, delivery, found.target);
  await deps.forgetTurns(session, turns, [...texts, ...heard]);
  const quoting: string[] = [];
  for (const id of turns.flatMap((turn) => approvalsOf(session, turn))) {
    const record = await readApproval(deps, partition, id);
    if (record !== undefined && record.approval.status !== 'pending' && hasWords(record.approval, texts))
      quoting.push(id);
  }
  const { outputs } = await forgetDecided(deps, delivery, savers, quoting);
  const records = deletions(quoting.map((id) => deps.keys.approval(partition, id)));
  const notices = await withdrawNotices(deps, delivery, turns, texts);
  return {
    outputs: [...outputs, ...notices],
    writes: [...records, ...(await unansweredAsBefore(deps, delivery, edit))],
    left,
  };
}

/** The turns that answered a message: its own, and the one that it was answered in together with another. */
async function turnsOn(
  { redis, keys }: TurnDeps,
  { partition, entry }: Delivery,
  target: string,
): Promise<string[]> {
  const answeredIn = await redis.hget(keys.session(partition, entry.session), answerField(target));
  return answeredIn === null ? [target] : [target, answeredIn];
}

async function unansweredAsBefore(deps: TurnDeps, delivery: Delivery, edit: string): Promise<RedisWrite[]> {
  const { unanswered } = await readNotes(deps, delivery);
  const parts = unanswered.map((part) => withoutEdits(part, new Set([edit])));
  return parts.every((part, at) => part === unanswered[at]) ? [] : unansweredWrites(deps, delivery, parts);
}

async function rowWrites(
  deps: TurnDeps,
  { partition, entry }: Delivery,
  edit: string,
  found: FoundEdit | undefined,
): Promise<RedisWrite[]> {
  const letters: string[] = [];
  for await (const { id, fields } of rowsForward(deps, partition, 'dead')) {
    if (fields.get('session') === entry.session && fields.get('id') === edit) letters.push(id);
  }
  const drop = (stream: 'inbound' | 'dead', ids: readonly string[]): RedisWrite[] =>
    ids.length === 0 ? [] : [{ command: 'XDEL', key: deps.keys.stream(partition, stream), args: ids }];
  return [...drop('inbound', found === undefined ? [] : [found.row]), ...drop('dead', letters)];
}

/** Personal data that stood in the edit alone: neither in what is left of the conversation nor in what waits. */
async function valueWrites(
  deps: TurnDeps,
  delivery: Delivery,
  found: FoundEdit | undefined,
  left: string | (() => Promise<string>),
): Promise<RedisWrite[]> {
  if (found === undefined || found.text.match(restorable) === null) return [];
  const memory = typeof left === 'string' ? left : await left();
  const waiting = await openApprovalsOf(deps, delivery.partition, delivery.entry.session);
  const { unanswered } = await readNotes(deps, delivery);
  const kept = JSON.stringify([memory, waiting, unanswered, found.before ?? '']);
  return vaultWrites(deps, delivery, [found.text], kept);
}

/** The conversation as it is, as text. */
async function keptOf({ conversation }: TurnDeps, { entry }: Delivery, savers: TurnSavers): Promise<string> {
  let kept = '';
  const look = <State>(state: State): State => {
    kept = JSON.stringify(state);
    return state;
  };
  await conversation.rewrite(look, { thread: entry.session, saver: savers.conversation });
  return kept;
}
