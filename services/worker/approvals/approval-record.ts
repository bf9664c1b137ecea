import { type ActionResult, actionResult } from '#agents/actions/action-result';
import { type Approval, approval, approvalCodeOf } from '#contract/approval';
import type { Keys } from '#contract/keys';
import type { RedisWrite } from '#streams/commit';
import type { RedisClient } from '#streams/redis-client';

/** A decided approval stays readable so long, to answer late decisions. In milliseconds. */
const decidedTtlMs = 30 * 24 * 60 * 60 * 1000;
const usedPrefix = 'used:';

export type PermitState = undefined | 'started' | { readonly used: ActionResult };

export interface ApprovalRecord {
  readonly approval: Approval;
  /** By index of the action. */
  readonly permits: readonly PermitState[];
}

/** Whether an action of it may have run: where it still waits, in the hands of a decision that was given up half way. */
export function hasBegun({ permits }: Pick<ApprovalRecord, 'permits'>): boolean {
  return permits.some((permit) => permit !== undefined);
}

export interface RecordDeps {
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly sealBody: (json: string) => string;
  readonly openBody: (sealed: string) => string;
}

/** The record of an approval, or undefined where there is none. */
export async function readApproval(
  deps: RecordDeps,
  partition: number,
  id: string,
): Promise<ApprovalRecord | undefined> {
  const fields = await deps.redis.hgetall(deps.keys.approval(partition, id));
  const record = fields['record'];
  if (record === undefined) return undefined;
  const read = approval.parse(JSON.parse(deps.openBody(record)));
  // A record that was copied from another approval says what its reviewers were not asked about.
  if (read.id !== id) return undefined;
  return {
    approval: read,
    permits: read.actions.map((_, index) => permitState(deps, fields[permitField(index)])),
  };
}

function permitState(deps: RecordDeps, value: string | undefined): PermitState {
  if (value === undefined || value === 'started') return value;
  return { used: actionResult.parse(JSON.parse(deps.openBody(value.slice(usedPrefix.length)))) };
}

export function permitField(index: number): string {
  return `permit:${index}`;
}

/** Writes the record as it is now; `status` stands beside it in clear, for guards and for people. */
export function recordWrites(deps: RecordDeps, partition: number, record: Approval): RedisWrite[] {
  const key = deps.keys.approval(partition, record.id);
  const open = deps.keys.openApprovals(partition);
  const sealed = deps.sealBody(JSON.stringify(record));
  const write: RedisWrite = { command: 'HSET', key, args: ['record', sealed, 'status', record.status] };
  const code = approvalCodeOf(record.id);
  // A code that another approval waits under stays that one's: a command must never decide about a newer one.
  if (record.status === 'pending') return [write, { command: 'HSETNX', key: open, args: [code, record.id] }];
  const decided = deps.keys.decidedApproval(partition, code);
  return [
    write,
    { command: 'HDEL', key: open, args: [code] },
    { command: 'SET', key: decided, args: [record.id, 'PX', String(decidedTtlMs)] },
    { command: 'PEXPIRE', key, args: [String(decidedTtlMs)] },
  ];
}

/** Writes that the permits are used up, with what came of each action. */
export function permitWrites(
  deps: RecordDeps,
  partition: number,
  id: string,
  results: readonly ActionResult[],
): RedisWrite[] {
  if (results.length === 0) return [];
  const fields = results.flatMap((result, index) => [
    permitField(index),
    usedPrefix + deps.sealBody(JSON.stringify(result)),
  ]);
  return [{ command: 'HSET', key: deps.keys.approval(partition, id), args: fields }];
}
