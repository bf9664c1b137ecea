import { collectGarbage } from './collect-garbage.ts';
import { createMemoryLook, type MemoryLook } from './memory-look.ts';

export interface GiveBackDeps {
  /** What the process did since the look before, and what it holds. */
  readonly look: () => MemoryLook;
  readonly collect: () => void;
}

const betweenLooksMs = 1_000;
/** V8 needs about ten seconds to do its part. */
const afterGivingMs = 15_000;
/** Of a core; waiting costs about two percent. */
const mostBusy = 0.1;
/** Less is not worth a pause. */
const leastYoungBytes = 16 * 1024 * 1024;

/**
 * Gives back what a start or a burst of turns has taken, once there is nothing to do. V8 lets the space for new objects grow to
 * 128 MiB while it loads modules and learns, and makes it small again only when it cleans up old objects, which in an idle
 * process never happens. One collection starts that: V8 looks again eight seconds later, sees that little is going on, and
 * returns the pages. The pause, some hundredths of a second, meets nobody.
 */
export function giveBackMemory(): void {
  const tick = createGiveBack({ look: createMemoryLook(), collect: collectGarbage });
  const lookAfter = (ms: number): void => {
    setTimeout(() => lookAfter(tick() ? afterGivingMs : betweenLooksMs), ms).unref();
  };
  lookAfter(betweenLooksMs);
}

/** One look at a time; says whether memory was given back. */
export function createGiveBack({ look, collect }: GiveBackDeps): () => boolean {
  return () => {
    const { busy, youngBytes } = look();
    if (busy > mostBusy || youngBytes < leastYoungBytes) return false;
    collect();
    return true;
  };
}
