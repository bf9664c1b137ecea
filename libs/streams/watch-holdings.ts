import type { ConsumerOptions } from './consumer-options.ts';
import type { Holding } from './holding.ts';
import type { Holdings } from './holdings.ts';
import type { News } from './news.ts';
import type { Signal } from './signal.ts';
import { type Watched, watchStreams } from './watch-streams.ts';

export interface WatchHoldingsDeps {
  readonly options: Pick<ConsumerOptions, 'keys'>;
  readonly holdings: Holdings;
  readonly news: News;
  /** There may be other streams to watch than before. */
  readonly toWatch: Signal;
  readonly stopping: AbortSignal;
  readonly onNews: (holding: Holding) => void;
  readonly onError: (where: string, error: unknown) => void;
}

/** Waits for news in all partitions whose end is known; on Cluster in one of them, for as long as it is held. */
export async function watchHoldings(deps: WatchHoldingsDeps, only?: Holding): Promise<void> {
  const { holdings, news, stopping } = deps;
  const name = only === undefined ? 'all' : `${only.partition} ${only.epoch}`;
  await watchStreams({
    news,
    name,
    watched: () => watchedOf(deps, only?.partition),
    changed: deps.toWatch,
    isOver: () =>
      stopping.aborted || (only !== undefined && holdings.get(only.partition)?.epoch !== only.epoch),
    onNews: deps.onNews,
    onError: (error) => deps.onError('watch', error),
  });
  if (only !== undefined) news.closeOne(name);
}

function watchedOf({ options, holdings }: WatchHoldingsDeps, partition: number | undefined): Watched {
  const watched = new Map<string, { end: string; holding: Holding }>();
  for (const holding of holdings.all()) {
    if (partition !== undefined && holding.partition !== partition) continue;
    if (holding.isDirty || holding.isSurplus) continue;
    for (const [stream, end] of holding.positions) {
      watched.set(options.keys.stream(holding.partition, stream), { end, holding });
    }
  }
  return watched;
}
