import { newTrace } from '#runtime/trace';
import type { Transport } from '#streams/open-transport';
import type { Finding } from './survey.ts';
import { unfinishedEntries } from './unfinished-entries.ts';

export interface RemoveDeps {
  readonly transport: Pick<Transport, 'redis' | 'publisher'>;
  /** Takes out everything that the memory holds of the person. */
  readonly eraseMemories: () => Promise<unknown>;
  /** Names this erasure: what is asked of others is asked once. */
  readonly run: string;
}

export interface Removed {
  /** How many went, by kind. */
  readonly counts: ReadonlyMap<string, number>;
  /** What somebody has not finished with: to be removed later. */
  readonly waiting: readonly Finding[];
}

const atOnce = 100;

/** Removes what is theirs, a hundred at a time. Safe to repeat. */
export async function removeFindings(deps: RemoveDeps, findings: readonly Finding[]): Promise<Removed> {
  const counts = new Map<string, number>();
  const waiting: Finding[] = [];
  const count = ({ area }: Finding, times = 1): void => {
    counts.set(area.kind, (counts.get(area.kind) ?? 0) + times);
  };
  const theirs = findings.filter(({ isTheirs, area }) => isTheirs && area.treatment !== 'keep');
  if (theirs.some(({ area }) => area.treatment === 'memory')) await deps.eraseMemories();
  // First what others act on: the clock forgets, and what it was told goes with the entries.
  for (const treatment of ['timer', 'memory', 'member', 'field', 'key'] as const) {
    for (const finding of theirs.filter(({ area }) => area.treatment === treatment)) {
      await removeOne(deps, finding);
      if (treatment === 'timer') waiting.push(finding);
      count(finding);
    }
  }
  const entries = Map.groupBy(
    theirs.filter(({ area }) => area.treatment === 'entry'),
    ({ key }) => key,
  );
  for (const [key, some] of entries) {
    // Dead letters and ciphertext have no group: whoever comes for one that is gone finds nothing to do.
    const isUnfinished = await unfinishedEntries(deps.transport.redis, key);
    const [late, done] = [
      some.filter(({ at }) => isUnfinished(at ?? '')),
      some.filter(({ at }) => !isUnfinished(at ?? '')),
    ];
    waiting.push(...late);
    for (let from = 0; from < done.length; from += atOnce) {
      const page = done.slice(from, from + atOnce);
      await deps.transport.redis.xdel(key, ...page.map(({ at }) => at ?? ''));
      for (const finding of page) count(finding);
    }
  }
  waiting.push(...theirs.filter(({ area }) => area.treatment === 'unfinished'));
  return { counts, waiting };
}

async function removeOne({ transport, run }: RemoveDeps, finding: Finding): Promise<void> {
  const { key, at = '', area } = finding;
  const { redis } = transport;
  switch (area.treatment) {
    case 'key':
      await redis.unlink(key);
      return;
    case 'member':
      await redis.zrem(key, at);
      return;
    case 'field':
      await redis.hdel(key, at);
      return;
    case 'timer':
      return cancelTimer(transport, run, finding);
    default:
      return;
  }
}

/** In the clock's own way, so that its alarm is gone too. */
async function cancelTimer(
  { publisher }: RemoveDeps['transport'],
  run: string,
  { at = '', session }: Finding,
): Promise<void> {
  if (session === undefined) return;
  await publisher.publish('timers', {
    type: 'timer.cancelled',
    id: `erase:${run}:${at}`,
    session,
    at: new Date().toISOString(),
    trace: newTrace(),
    body: { timer: at },
  });
}
