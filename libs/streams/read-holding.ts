import type { StreamName } from '#contract/bodies';
import type { ConsumerOptions } from './consumer-options.ts';
import { WrongTypeError } from './errors.ts';
import { type Holding, nameOf } from './holding.ts';
import { type Found, type ReaderDeps, readNew, takePending } from './partition-reader.ts';

export interface ReadDeps {
  readonly options: ConsumerOptions;
  /** Takes entries in hand, except those that are already. */
  readonly accept: (holding: Holding, found: readonly Found[]) => void;
}

const readCount = 100;
const largestEntryBytes = 256 * 1024;

/**
 * One read of a partition: what is pending where the holding's phase says so, then what is new. Leaves the phase at
 * `take` where something was delivered that nobody has seen; throws `FencedError` when the lease has moved.
 */
export async function readHolding(deps: ReadDeps, holding: Holding): Promise<void> {
  const { partition, epoch } = holding;
  const reader = { maxEntryBytes: largestEntryBytes, ...deps.options };
  const isTakeover = holding.phase === 'take';
  if (isTakeover) {
    holding.phase = 'read';
    await takeOver(deps, reader, holding);
  }
  const news = await readNew(reader, partition, epoch, holding.positions, readCount);
  countGroups(deps.options, partition, news.groupsCreated);
  deps.accept(holding, news.found);
  holding.positions = news.positions;
  noteBlocked(deps.options, holding, news.blocked);
  // More is pending than we know of: an answer got lost, or somebody moved entries by hand.
  if (news.isBehind || (!isTakeover && news.pending > holding.inHand.size)) holding.phase = 'take';
  holding.isDirty = news.unfinished.length > 0 || mustTake(holding);
}

/** Also where somebody else has asked for it meanwhile. */
function mustTake(holding: Holding): boolean {
  return holding.phase === 'take';
}

async function takeOver({ options, accept }: ReadDeps, reader: ReaderDeps, holding: Holding): Promise<void> {
  const { streams, metrics, group, onLost } = options;
  const positions = new Map<StreamName, string>();
  // An entry may end between the page that lists it and the end of the list.
  const known = new Set(holding.inHand);
  for (const stream of streams) {
    const taken = await takePending(reader, holding.partition, holding.epoch, stream);
    metrics.lost.inc({ group }, taken.lost.length);
    for (const lost of taken.lost) onLost(lost);
    if (taken.position !== undefined) positions.set(stream, taken.position);
    accept(
      holding,
      taken.found.filter((one) => !known.has(nameOf(one))),
    );
  }
  holding.positions = positions;
}

function countGroups({ metrics, group, log }: ConsumerOptions, partition: number, created: number): void {
  if (created === 0) return;
  metrics.groupsCreated.inc({ group }, created);
  log.warn({ partition }, 'consumer group was missing and has been created at 0');
}

function noteBlocked(options: ConsumerOptions, holding: Holding, blocked: readonly StreamName[]): void {
  const { keys, log } = options;
  for (const stream of blocked) {
    if (holding.blocked.includes(stream)) continue;
    const error = new WrongTypeError(keys.stream(holding.partition, stream));
    log.error({ err: error, partition: holding.partition }, 'stream is blocked, the others go on');
  }
  if (holding.blocked.length > 0 && blocked.length === 0) {
    log.info({ partition: holding.partition }, 'stream is no longer blocked');
  }
  holding.blocked = blocked;
}
