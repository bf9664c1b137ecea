import type { Approval } from '#contract/approval';
import type { TurnRecord } from '#contract/turn-record';
import { entryTime } from '#operations/streams/entry-time';
import type { Transport } from '#streams/open-transport';
import type { Subject } from './find-subject.ts';

export type AuditLine = Readonly<Record<string, string>>;

const pageSize = 1_000;
const mostPages = 10;
/** How far the clocks of Redis and of whoever wrote the times may be apart. */
const skewMs = 5_000;

/**
 * The lines of the partition's audit that concern these approvals and turns, oldest first, each with the time at which it
 * was written under `written`. Reads from the first of them on, at most ten thousand lines.
 */
export async function readAuditOf(
  { redis, keys }: Transport,
  { partition, turn }: Subject,
  { approvals, turns }: { approvals: readonly Approval[]; turns: readonly TurnRecord[] },
): Promise<{ lines: AuditLine[]; isCut: boolean }> {
  const ids = new Set(approvals.map(({ id }) => id));
  const facts = new Set([turn, ...turns.map((one) => one.turn)]);
  const isWanted = (line: AuditLine): boolean =>
    ids.has(line['approval'] ?? '') || facts.has(line['fact'] ?? '') || facts.has(line['cause'] ?? '');
  const since = [...approvals.map((one) => one.requestedAt), ...turns.map((one) => one.appendedAt)]
    .map((at) => Date.parse(at))
    .filter((at) => Number.isFinite(at));
  const stream = keys.stream(partition, 'audit');
  // Of a turn without an account nothing says when it was: the newest page has to do.
  if (since.length === 0) {
    const newest = await redis.xrevrange(stream, '+', '-', 'COUNT', pageSize);
    return { lines: newest.reverse().map(toLine).filter(isWanted), isCut: false };
  }
  const lines: AuditLine[] = [];
  let start = String(Math.max(0, Math.min(...since) - skewMs));
  for (let page = 0; page < mostPages; page++) {
    const found = await redis.xrange(stream, start, '+', 'COUNT', pageSize);
    lines.push(...found.map(toLine).filter(isWanted));
    const last = found.at(-1);
    if (last === undefined || found.length < pageSize) return { lines, isCut: false };
    start = `(${last[0]}`;
  }
  return { lines, isCut: true };
}

/** The links of the chain are left out: they are the auditor's. */
function toLine([id, fields]: [string, string[]]): AuditLine {
  const pairs = fields.flatMap((name, index) => (index % 2 === 0 ? [[name, fields[index + 1] ?? '']] : []));
  const { prev: _prev, hash: _hash, ...line } = Object.fromEntries(pairs) as Record<string, string>;
  return { ...line, written: new Date(entryTime(id)).toISOString() };
}
