import type { Holding } from './holding.ts';
import { nameOf } from './holding.ts';
import type { Holdings } from './holdings.ts';
import { type Item, toItem } from './item.ts';
import type { JobResult } from './lanes.ts';
import type { Found } from './partition-reader.ts';
import { isReadable } from './read-loop.ts';
import type { RunDeps } from './run-deps.ts';
import { runEntry } from './run-entry.ts';
import type { Signal } from './signal.ts';
import { uncountAttempt } from './uncount-attempt.ts';

export interface TakeInHandDeps extends RunDeps {
  readonly holdings: Holdings;
  /** There may be something to read. */
  readonly toRead: Signal;
  readonly stopping: AbortSignal;
}

/** Puts entries that were read into their lanes, those left out that are in hand already. */
export function takeInHand(deps: TakeInHandDeps, holding: Holding, found: readonly Found[]): void {
  // What is not accepted stays pending, for us or for another member.
  if (holding.signal.aborted || holding.isSurplus || deps.stopping.aborted) return;
  const { options, lanes } = deps;
  let accepted = 0;
  for (const one of found) {
    const name = nameOf(one);
    if (holding.inHand.has(name)) continue;
    holding.inHand.add(name);
    accepted += 1;
    const { share, ...item } = toItem(options, holding, one);
    lanes.add(item.lane, share, { item, run: () => runInHand(deps, holding, item, name) });
  }
  if (accepted > 0) options.metrics.delivered.inc({ group: options.group }, accepted);
}

async function runInHand(
  deps: TakeInHandDeps,
  holding: Holding,
  item: Item,
  name: string,
): Promise<JobResult> {
  holding.running += 1;
  const result = await runEntry(deps, item);
  holding.running -= 1;
  if (result === undefined) holding.inHand.delete(name);
  const isOver = holding.signal.aborted || deps.stopping.aborted;
  if (result !== undefined && isOver) await uncountAttempt(deps.options, item);
  if (isReadable(holding)) deps.toRead.fire();
  deps.holdings.giveBackIfIdle(holding);
  // Whoever holds the partition next, be it this process again, is not kept waiting by a pause of ours.
  return holding.signal.aborted ? undefined : result;
}
