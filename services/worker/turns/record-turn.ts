import type { TurnAccount } from '#agents/conversation/account';
import type { Situation } from '#agents/conversation/situation';
import type { Proposal } from '#agents/conversation/turn';
import { isApiSession } from '#contract/api-session';
import type { Entry } from '#contract/entry';
import type { Keys } from '#contract/keys';
import { type TurnRecord, type TurnStep, turnRecord } from '#contract/turn-record';
import type { Commit, RedisWrite } from '#streams/commit';
import type { Delivery } from '#streams/delivery';
import type { RedisClient } from '#streams/redis-client';
import { flowStateOf } from './session-writes.ts';

export interface RecordTurnDeps {
  readonly keys: Keys;
  readonly sealBody: (json: string) => string;
  /** Of what may be long; default `sealBody`. */
  readonly sealLong?: (json: string) => string;
}

/** What a turn came to, as far as its account tells it. */
export interface TurnCourse {
  readonly outcome: string;
  /** The approval that was decided, that expired, or under whose prompt a person wrote. */
  readonly about?: string | undefined;
  /** Of the conversation, where it took part. */
  readonly account?: TurnAccount | undefined;
  readonly situation?: Situation | undefined;
  readonly proposals?: readonly Proposal[];
  readonly cancels?: readonly string[];
  /** The agent in whose name the reply is spoken. */
  readonly speaker?: string | undefined;
  /** Ids of replies. */
  readonly replies?: readonly string[];
  /** What was done beside the conversation, before it. */
  readonly steps?: readonly TurnStep[];
}

/** What a turn leaves behind, and what it tells about itself where there is more than its outcome. */
export interface TurnResult extends Commit {
  readonly course?: Partial<TurnCourse>;
}

const keptRecords = 100;
const keptMs = 7 * 24 * 60 * 60 * 1000;
const idle: TurnRecord['state'] = { flow: null, step: null, awaiting: null, paused: [] };

/**
 * The account of a turn, for its own commit: what was not written did not happen. Names only, no content; sealed all the
 * same. The newest hundred of a session are kept, for 7 days.
 */
export function recordTurn(deps: RecordTurnDeps, delivery: Delivery, course: TurnCourse): RedisWrite[] {
  const { partition, entry } = delivery;
  const key = deps.keys.turns(partition, entry.session);
  const sealed = (deps.sealLong ?? deps.sealBody)(JSON.stringify(toRecord(delivery, course)));
  return [
    { command: 'RPUSH', key, args: [sealed] },
    { command: 'LTRIM', key, args: [String(-keptRecords), '-1'] },
    { command: 'PEXPIRE', key, args: [String(keptMs)] },
    ...noteSession(deps.keys, partition, entry),
  ];
}

/** The accounts of turns whose message was redacted say when they were and how they ended, and nothing else. */
export async function blankRecords(
  deps: RecordTurnDeps & { readonly redis: RedisClient; readonly openBody: (sealed: string) => string },
  { partition, entry }: Pick<Delivery, 'partition' | 'entry'>,
  turns: readonly string[],
): Promise<RedisWrite[]> {
  const key = deps.keys.turns(partition, entry.session);
  const written = await deps.redis.lrange(key, 0, -1);
  let isChanged = false;
  const kept = written.map((sealed) => {
    const record = readRecord(sealed, deps.openBody);
    if (record === undefined || !turns.includes(record.turn)) return sealed;
    isChanged = true;
    const blank = { ...record, understood: null, steps: [], state: idle, approvals: [], cancelled: [] };
    return (deps.sealLong ?? deps.sealBody)(JSON.stringify(blank));
  });
  if (!isChanged) return [];
  return [
    { command: 'DEL', key, args: [] },
    { command: 'RPUSH', key, args: kept },
    { command: 'PEXPIRE', key, args: [String(keptMs)] },
  ];
}

function readRecord(sealed: string, openBody: (sealed: string) => string): TurnRecord | undefined {
  try {
    return turnRecord.safeParse(JSON.parse(openBody(sealed))).data;
  } catch {
    return undefined;
  }
}

/** Ingress remembers the session of every message from a room; of all other facts nothing else would tell it. */
export function noteSession(keys: Keys, partition: number, { id, type, session }: Entry): RedisWrite[] {
  if (type === 'message.received' && !isApiSession(session)) return [];
  return [{ command: 'SET', key: keys.turnOf(partition, id), args: [session, 'PX', String(keptMs)] }];
}

function toRecord(delivery: Delivery, course: TurnCourse): TurnRecord {
  const { partition, entry, entryId, appendedAt, begunAt, attempt, member, epoch } = delivery;
  const { account, situation, proposals = [], steps = [] } = course;
  return {
    turn: entry.id,
    session: entry.session,
    partition,
    ...(course.about === undefined ? {} : { about: course.about }),
    cause: entry.type,
    entry: entryId,
    appendedAt: new Date(appendedAt).toISOString(),
    startedAt: new Date(begunAt).toISOString(),
    tookMs: Date.now() - begunAt,
    attempt,
    worker: member,
    epoch,
    outcome: course.outcome,
    trace: entry.trace ?? null,
    playbook: account?.playbook ?? '',
    graph: account?.graph ?? 1,
    understood: account?.understood ?? null,
    route: account?.route ?? [],
    ...(course.speaker === undefined ? {} : { speaker: course.speaker }),
    state: situation === undefined ? idle : flowStateOf(situation),
    steps: [...steps, ...stepsSince(begunAt, account)],
    approvals: proposals.map(({ approval, actions }) => ({
      id: approval,
      actions: actions.map(({ name }) => name),
    })),
    cancelled: [...(course.cancels ?? [])],
    usage: account?.usage ?? [],
    cost: account?.cost ?? 0,
    replies: [...(course.replies ?? [])],
  };
}

/** The conversation counts from its own beginning, the record from that of the attempt. */
function stepsSince(begunAt: number, account: TurnAccount | undefined): TurnStep[] {
  if (account === undefined) return [];
  const lateMs = Math.max(0, account.beganAtMs - begunAt);
  return lateMs === 0
    ? account.steps
    : account.steps.map((step) => ({ ...step, startMs: Math.round((step.startMs + lateMs) * 10) / 10 }));
}
