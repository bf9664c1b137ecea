import type { ActionResult } from '#agents/actions/action-result';
import type { Permit } from '#agents/actions/permit';
import type { Approval } from '#contract/approval';
import type { TurnStep } from '#contract/turn-record';

/** The permits of a decision, which notice when each action began, and its actions as steps of the turn. */
export function timeActions(
  permit: Permit,
  begunAt: number,
): {
  readonly permit: Permit;
  /** Once they have run: each lasted until the next one began, the last one until now. */
  readonly steps: (decided: Pick<Approval, 'actions'>, results: readonly ActionResult[]) => TurnStep[];
} {
  const startedAt = new Map<number, number>();
  return {
    permit: {
      ...permit,
      start: async (index) => {
        startedAt.set(index, Date.now());
        return permit.start(index);
      },
    },
    steps: ({ actions }, results) => {
      const endedAt = Date.now();
      return results.map(({ status }, index) => {
        const from = startedAt.get(index) ?? endedAt;
        const to = startedAt.get(index + 1) ?? endedAt;
        return {
          kind: 'tool',
          name: actions[index]?.name ?? 'unknown',
          status,
          startMs: Math.max(0, from - begunAt),
          tookMs: Math.max(0, to - from),
          detail: 'approved',
        };
      });
    },
  };
}
