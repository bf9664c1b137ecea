import { setTimeout as sleep } from 'node:timers/promises';
import type { Holding } from './holding.ts';
import type { News } from './news.ts';
import type { Signal } from './signal.ts';

/** Streams by key: behind which id news will come, and whose they are. */
export type Watched = ReadonlyMap<string, { readonly end: string; readonly holding: Holding }>;

export interface WatchDeps {
  readonly news: News;
  /** Names the connection that blocks. */
  readonly name: string;
  /** What is to be watched now. On Cluster all of it in one slot. */
  readonly watched: () => Watched;
  /** Fires when that may have changed. */
  readonly changed: Signal;
  readonly isOver: () => boolean;
  readonly onNews: (holding: Holding) => void;
  readonly onError: (error: unknown) => void;
}

const pauseMs = 1_000;

/** Waits for news in streams until it is over, and says whose they are. A failure counts as news everywhere. */
export async function watchStreams(deps: WatchDeps): Promise<void> {
  const { news, name, changed, isOver, onNews } = deps;
  while (!isOver()) {
    const seen = changed.version;
    const watched = deps.watched();
    if (watched.size === 0) {
      await changed.after(seen, pauseMs);
      continue;
    }
    try {
      const isOutdated = () => [...deps.watched().keys()].some((key) => !watched.has(key));
      const ends = new Map([...watched].map(([key, { end }]): [string, string] => [key, end]));
      const keys = await news.wait(name, ends, changed, isOutdated);
      if (keys.length === 0) continue;
      const beforeReading = changed.version;
      for (const key of keys) {
        const holding = watched.get(key)?.holding;
        if (holding !== undefined) onNews(holding);
      }
      await changed.after(beforeReading, pauseMs);
    } catch (error) {
      if (isOver()) break;
      deps.onError(error);
      for (const { holding } of watched.values()) onNews(holding);
      await sleep(250 + Math.random() * 250);
    }
  }
}
