import { isApiSession } from '#contract/api-session';
import type { Approval } from '#contract/approval';
import { readPosted } from '#contract/posted';
import type { TurnRecord } from '#contract/turn-record';
import { parseApproval } from '#operations/approvals/parse-approval';
import type { Transport } from '#streams/open-transport';
import { type Fate, findFate } from './find-fate.ts';
import type { Subject } from './find-subject.ts';
import { readAuditOf } from './read-audit-of.ts';
import { readTurns } from './read-turns.ts';

/** Something of ours that a room shows. */
export interface Posting {
  readonly event: string;
  /** ISO 8601, by the clock of egress; empty where it is not known any more. */
  readonly at: string;
}

/** Everything that is still known about a subject. */
export interface Evidence {
  readonly subject: Subject;
  readonly turn: TurnRecord | null;
  readonly turns: readonly TurnRecord[];
  /** What became of the turn where it left no account. */
  readonly fate: Fate | null;
  readonly approvals: readonly Approval[];
  readonly audit: readonly Readonly<Record<string, string>>[];
  /** By id of a reply, or of an approval for its prompt. */
  readonly postings: ReadonlyMap<string, Posting>;
  readonly isOverHttp: boolean;
  readonly gaps: readonly string[];
}

/** A story is bounded: a conversation that goes on for weeks is told from its other turns. */
const mostTurns = 20;

/** Reads what is kept of a subject, of the approvals that it led to or came from, and of the turns around those. */
export async function gatherEvidence(transport: Transport, subject: Subject): Promise<Evidence> {
  const records = await readTurns(transport, subject.session);
  const turn = records.findLast((one) => one.turn === subject.turn) ?? null;
  const approvals = new Map<string, Approval | null>();
  const wanted = new Set(subject.approval === null ? [] : [subject.approval]);
  const chosen = new Set(turn === null ? [] : [turn]);
  for (let round = 0; round < 8 && chosen.size < mostTurns; round++) {
    const before = chosen.size + approvals.size;
    for (const one of chosen) for (const id of approvalsOf(one)) wanted.add(id);
    for (const id of wanted) {
      if (!approvals.has(id)) approvals.set(id, await readApproval(transport, subject.partition, id));
    }
    for (const one of records) if (belongs(one, [...approvals.values()])) chosen.add(one);
    if (chosen.size + approvals.size === before) break;
  }
  const turns = records.filter((one) => chosen.has(one)).slice(0, mostTurns);
  const known = [...approvals.values()].filter((one) => one !== null);
  const fate = turn === null ? await findFate(transport, subject) : null;
  const { lines: audit, isCut } = await readAuditOf(transport, subject, { approvals: known, turns });
  return {
    subject,
    turn,
    turns,
    fate,
    approvals: known,
    audit,
    postings: await readPostings(transport, subject.partition, turns, known),
    isOverHttp: isApiSession(subject.session),
    gaps: gapsOf({ turn, records, fate, approvals, isCut }),
  };
}

function approvalsOf({ approvals, cancelled, about }: TurnRecord): string[] {
  return [...approvals.map(({ id }) => id), ...cancelled, ...(about === undefined ? [] : [about])];
}

/** The turn that asked, those that decided, and the one that it expired in; words to a person are turns of their own. */
function belongs(one: TurnRecord, approvals: readonly (Approval | null)[]): boolean {
  if (one.outcome === 'passed_on') return false;
  return approvals.some(
    (approval) => approval !== null && (approval.turn === one.turn || approval.id === one.about),
  );
}

async function readApproval(transport: Transport, partition: number, id: string): Promise<Approval | null> {
  const record = await transport.redis.hget(transport.keys.approval(partition, id), 'record');
  return record === null ? null : (parseApproval(transport, record) ?? null);
}

async function readPostings(
  { redis, keys }: Transport,
  partition: number,
  turns: readonly TurnRecord[],
  approvals: readonly Approval[],
): Promise<Map<string, Posting>> {
  const replies = turns.flatMap((one) => one.replies);
  const events = await Promise.all([
    ...replies.map(async (id) => [id, await redis.hget(keys.reply(partition, id), 'event')] as const),
    ...approvals.map(async ({ id }) => [id, await redis.hget(keys.prompt(partition, id), 'event')] as const),
  ]);
  const postings = new Map<string, Posting>();
  for (const [id, event] of events) {
    if (event !== null)
      postings.set(id, { event, at: readPosted(await redis.get(keys.posted(event)))?.at ?? '' });
  }
  return postings;
}

function gapsOf(found: {
  turn: TurnRecord | null;
  records: readonly TurnRecord[];
  fate: Fate | null;
  approvals: ReadonlyMap<string, Approval | null>;
  isCut: boolean;
}): string[] {
  const gaps: string[] = [];
  if (found.turn === null && found.fate?.kind === 'done') gaps.push(sayMissing(found.records));
  for (const [id, approval] of found.approvals) {
    if (approval === null) gaps.push(`Approval ${id} is not kept any more: 30 days after its end it goes.`);
  }
  if (found.isCut)
    gaps.push('The audit holds more lines of that time than were read: see "vagent approvals verify".');
  return gaps;
}

function sayMissing([oldest]: readonly TurnRecord[]): string {
  if (oldest?.cause === 'session.reset') {
    const at = oldest.startedAt.slice(0, 19).replace('T', ' ');
    return `There is no account of the turn: the conversation was reset at ${at} UTC, and what was before it was erased.`;
  }
  return 'There is no account of the turn: the last 100 of a conversation are kept, for 7 days.';
}
