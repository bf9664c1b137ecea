import type { LiveEvent } from '../api/live.ts';
import type { View } from './create-view.ts';
import type { Feed, Following } from './feed.ts';
import type { Pacer } from './pacer.ts';

/** Where a reader's events go. */
export interface Outlet {
  /** Bytes that the reader has not taken yet. */
  buffered(): number;
  event(event: LiveEvent): void;
  delayed(because: 'redis' | 'slow_reader'): void;
  current(cursor: string | undefined): void;
  /** It does not take what it is given: there is no use in more. */
  tooSlow(): void;
}

export interface PumpOptions {
  readonly feed: Feed;
  /** Null: every session. */
  readonly session: string | null;
  readonly after: string | null;
  readonly view: View;
  readonly outlet: Outlet;
  readonly pacer: Pacer;
}

export interface Pump {
  /** Everything up to here was handed to the outlet. */
  cursor(): string | undefined;
  stop(): void;
}

/**
 * Follows for one reader. One that does not keep up gets nothing more until it has taken what it has; then it goes on
 * from its own cursor, so that nothing is dropped and nothing piles up. Who follows all sessions has no such cursor, and
 * is let go.
 */
export function startPump({ feed, session, after, view, outlet, pacer }: PumpOptions): Pump {
  let last = after ?? undefined;
  let following: Following | undefined;
  let order: Promise<void> | undefined;
  let isStopped = false;
  /** Grows with each pause: what still waits for the vault then is read again. */
  let round = 0;

  const hand = (event: LiveEvent | null, id: string) => {
    if (isStopped) return;
    last = id;
    if (event !== null) outlet.event(event);
    if (following !== undefined && pacer.isSlow(outlet)) pause();
  };
  const onEvent = (event: LiveEvent) => {
    const shown = view(event);
    if (order === undefined && !(shown instanceof Promise)) {
      hand(shown, event.id);
      return;
    }
    // What waits for the vault is not overtaken.
    const before = order ?? Promise.resolve();
    const began = round;
    const mine = before.then(async () => {
      const restored = await shown;
      if (began === round) hand(restored, event.id);
    });
    const settled = mine.finally(() => {
      if (order === settled) order = undefined;
    });
    order = settled;
  };
  const onReachable = (isReachable: boolean) => {
    if (isStopped) return;
    if (isReachable) outlet.current(undefined);
    else outlet.delayed('redis');
  };
  const follow = () => {
    const follower = { onEvent, onReachable };
    const opened = session === null ? feed.followAll(follower) : feed.follow(session, last ?? null, follower);
    following = opened;
    void opened.caughtUp.then(async () => {
      await order;
      if (!isStopped && following === opened) outlet.current(cursor());
    });
  };
  const cursor = () => (order === undefined ? (following?.cursor() ?? last) : last);
  const pause = () => {
    following?.stop();
    following = undefined;
    round += 1;
    if (session === null) {
      outlet.tooSlow();
      return;
    }
    outlet.delayed('slow_reader');
    pacer.wait(outlet, {
      onReady: () => isStopped || follow(),
      onTooSlow: () => isStopped || outlet.tooSlow(),
    });
  };
  follow();
  return {
    cursor,
    stop: () => {
      isStopped = true;
      following?.stop();
      following = undefined;
    },
  };
}
