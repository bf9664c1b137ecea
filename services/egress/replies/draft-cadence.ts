export interface DraftCadence {
  /** How long the reply's next edit should wait after the one before; Infinity when it had enough of them. */
  waitMs(reply: string, edits: number): number;
  /** Something of the reply was sent just now. */
  sent(reply: string): void;
  forget(reply: string): void;
}

/** Each edit is a whole event in the room for ever: the first ones show life, later ones come ever slower. */
const spacingsMs = [700, 1_000, 1_500, 2_500, 4_000, 6_000, 8_000, 10_000];
const mostEdits = 20;
const staleMs = 60_000;

/**
 * When the growing text of a reply may be shown again. Spacing lives in this process alone: after a takeover the
 * next edit comes at once.
 *
 * @param now milliseconds that only grow.
 */
export function createDraftCadence(now: () => number = () => performance.now()): DraftCadence {
  const sentAt = new Map<string, number>();
  return {
    waitMs: (reply, edits) => {
      if (edits >= mostEdits) return Number.POSITIVE_INFINITY;
      const last = sentAt.get(reply);
      const spacingMs = spacingsMs[Math.min(edits, spacingsMs.length - 1)] ?? 0;
      return last === undefined ? 0 : Math.max(0, last + spacingMs - now());
    },
    sent: (reply) => {
      // Kept in the order of sending, so that what nobody asks for any more is found at the front.
      sentAt.delete(reply);
      sentAt.set(reply, now());
      for (const [other, at] of sentAt) {
        if (now() - at < staleMs) break;
        sentAt.delete(other);
      }
    },
    forget: (reply) => {
      sentAt.delete(reply);
    },
  };
}
