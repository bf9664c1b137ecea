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
 * was written under `written`. All of them were written while one of the turns was worked on, so that only these times are
 * read, at most ten thousand lines.
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
  const stream = keys.stream(partition, 'audit');
  // Of a turn without an account nothing says when it was: the newest page has to do.
  if (turns.length === 0) {
    const newest = await redis.xrevrange(stream, '+', '-', 'COUNT', pageSize);
    return { lines: newest.reverse().map(toLine).filter(isWanted), isCut: false };
  }
  const lines: AuditLine[] = [];
  let pages = 0;
  for (const { from, to } of timesOf(turns)) {
    let start = String(from);
    for (;;) {
      if (pages === mostPages) return { lines, isCut: true };
      pages += 1;
      const found = await redis.xrange(stream, start, String(to), 'COUNT', pageSize);
      lines.push(...found.map(toLine).filter(isWanted));
      const last = found.at(-1);
      if (last === undefined || found.length < pageSize) break;
      start = `(${last[0]}`;
    }
  }
  return { lines, isCut: false };
}

/** When the turns were worked on, in milliseconds; what overlaps is one. */
function timesOf(turns: readonly TurnRecord[]): { from: number; to: number }[] {
  const spans = turns
    .map(({ appendedAt, startedAt, tookMs }) => {
      const [appended, started] = [Date.parse(appendedAt), Date.parse(startedAt)];
      return {
        from: Math.max(0, Math.min(appended, started) - skewMs),
        to: Math.max(appended, started) + tookMs + skewMs,
      };
    })
    .filter(({ from, to }) => Number.isFinite(from) && Number.isFinite(to))
    .sort((a, b) => a.from - b.from);
  const merged: { from: number; to: number }[] = [];
  for (const span of spans) {
    const before = merged.at(-1);
    if (before !== undefined && span.from <= before.to) before.to = Math.max(before.to, span.to);
    else merged.push({ ...span });
  }
  return merged.map(({ from, to }) => ({ from: Math.floor(from), to: Math.ceil(to) }));
}

/** The links of the chain are left out: they are the auditor's. */
function toLine([id, fields]: [string, string[]]): AuditLine {
  const line = new Map<string, string>();
  for (let at = 0; at + 1 < fields.length; at += 2) line.set(fields[at] ?? '', fields[at + 1] ?? '');
  line.delete('prev');
  line.delete('hash');
  return { ...Object.fromEntries(line), written: new Date(entryTime(id)).toISOString() };
}
