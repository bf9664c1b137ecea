export interface SendPauses {
  /** How long nothing should be sent into the room; 0 when it may. */
  remainingMs(room: string): number;
  /**
   * Notes a refused send and returns how long to wait: what was asked for, at most five minutes, else twice the wait
   * before, up to a minute; jitter comes on top. Refusals in several rooms at once pause all rooms.
   */
  refused(room: string, askedMs: number | null): number;
  accepted(room: string): void;
}

interface Pause {
  readonly until: number;
  readonly refusedAt: number;
  readonly refusals: number;
}

const longestAskedMs = 5 * 60_000;
const longestGuessedMs = 60_000;
/** So many rooms refused within `sharedWindowMs` mean that the limit is the account's, not the room's. */
const sharedRooms = 3;
const sharedWindowMs = 10_000;

/**
 * Remembers who asked to be left alone, so that other entries of a room, or of all rooms, do not ask in vain.
 *
 * @param now milliseconds that only grow.
 */
export function createSendPauses(
  now: () => number = () => performance.now(),
  random: () => number = Math.random,
): SendPauses {
  const pauses = new Map<string, Pause>();
  let sharedUntil = 0;

  const forgetOld = (): void => {
    for (const [room, { until }] of pauses) if (until + longestAskedMs < now()) pauses.delete(room);
  };

  return {
    remainingMs: (room) =>
      Math.max(0, Math.ceil(Math.max(pauses.get(room)?.until ?? 0, sharedUntil) - now())),
    refused: (room, askedMs) => {
      forgetOld();
      const refusals = (pauses.get(room)?.refusals ?? 0) + 1;
      const guessedMs = Math.min(1_000 * 2 ** (refusals - 1), longestGuessedMs);
      const baseMs = askedMs === null ? guessedMs : Math.min(Math.max(askedMs, 0), longestAskedMs);
      const waitMs = Math.ceil(baseMs * (1 + random() * 0.2)) + Math.ceil(random() * 100);
      pauses.set(room, { until: now() + waitMs, refusedAt: now(), refusals });
      const recent = [...pauses.values()].filter(({ refusedAt }) => now() - refusedAt < sharedWindowMs);
      if (recent.length >= sharedRooms) sharedUntil = Math.max(...recent.map(({ until }) => until));
      return waitMs;
    },
    accepted: (room) => {
      pauses.delete(room);
    },
  };
}
