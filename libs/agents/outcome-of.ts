import type { ActionResult } from './action-result.ts';
import type { ActionOutcome } from './turn.ts';

/** What an approval came to whose actions were run: the worst of its results; `done` only if all are done. */
export function outcomeOf(
  results: readonly ActionResult[],
): Extract<ActionOutcome, 'done' | 'unknown' | 'refused' | 'failed'> {
  const has = (status: ActionResult['status']): boolean => results.some((result) => result.status === status);
  if (has('unknown')) return 'unknown';
  if (has('refused')) return 'refused';
  return results.length > 0 && results.every(({ status }) => status === 'done') ? 'done' : 'failed';
}
