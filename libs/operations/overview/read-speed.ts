import { turnRecord } from '#contract/turn-record';
import type { SessionState } from '#operations/sessions/session-state';
import type { Transport } from '#streams/open-transport';

/** Of the turns that ended lately, from the message in the stream to the commit. Milliseconds. */
export interface Speed {
  readonly turns: number;
  readonly p50: number | null;
  readonly p99: number | null;
  /** What they cost, in the currency of the playbook. */
  readonly cost: number;
}

const lately = 60_000;
const perSession = 3;

/** The newest turns of these sessions, as far as they ended within the last minute: a sample, not a count. */
export async function readSpeed(
  { redis, keys, openBody }: Transport,
  sessions: readonly SessionState[],
  nowMs: number,
): Promise<Speed> {
  const recent = sessions.filter(({ lastTurnAt }) => nowMs - Date.parse(lastTurnAt) < lately);
  const lists = await Promise.all(
    recent.map(({ partition, session }) => redis.lrange(keys.turns(partition, session), -perSession, -1)),
  );
  const turns = lists.flat().flatMap((sealed) => readTurn(sealed, openBody));
  const late = turns.filter(({ appendedAt }) => nowMs - Date.parse(appendedAt) < lately);
  const took = late
    .map(
      ({ appendedAt, startedAt, tookMs }) =>
        Math.max(0, Date.parse(startedAt) - Date.parse(appendedAt)) + tookMs,
    )
    .sort((a, b) => a - b);
  const cost = late.reduce((sum, one) => sum + one.cost, 0);
  return { turns: took.length, p50: quantile(took, 0.5), p99: quantile(took, 0.99), cost };
}

const timed = turnRecord.pick({ appendedAt: true, startedAt: true, tookMs: true, cost: true });

function readTurn(sealed: string, openBody: Transport['openBody']) {
  try {
    const read = timed.safeParse(JSON.parse(openBody(sealed)));
    return read.success ? [read.data] : [];
  } catch {
    return [];
  }
}

function quantile(sorted: readonly number[], part: number): number | null {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? null;
}
