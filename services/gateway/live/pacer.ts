import type { LiveLimits } from './live-limits.ts';
import type { Outlet } from './pump.ts';

export interface Pacer {
  /** True where a reader has left more untaken than it may. */
  isSlow(outlet: Pick<Outlet, 'buffered'>): boolean;
  /** Calls one of the two, once: when the reader has taken nearly all, or when it has not in time. */
  wait(outlet: Pick<Outlet, 'buffered'>, then: Waiting): void;
}

export interface Waiting {
  readonly onReady: () => void;
  readonly onTooSlow: () => void;
}

const lookEveryMs = 100;

/** Looks after all readers that are behind, with one timer, which runs only while there are some. */
export function createPacer({ slowBytes, slowMs }: Pick<LiveLimits, 'slowBytes' | 'slowMs'>): Pacer {
  const waiting = new Map<Pick<Outlet, 'buffered'>, Waiting & { readonly until: number }>();
  let timer: NodeJS.Timeout | undefined;
  const look = () => {
    const now = performance.now();
    for (const [outlet, { onReady, onTooSlow, until }] of waiting) {
      const isReady = outlet.buffered() <= slowBytes / 8;
      if (!isReady && now < until) continue;
      waiting.delete(outlet);
      if (isReady) onReady();
      else onTooSlow();
    }
    if (waiting.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
  return {
    isSlow: (outlet) => outlet.buffered() > slowBytes,
    wait: (outlet, then) => {
      waiting.set(outlet, { ...then, until: performance.now() + slowMs });
      timer ??= setInterval(look, lookEveryMs).unref();
    },
  };
}
