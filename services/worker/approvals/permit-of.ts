import type { Permit } from '#agents/actions/permit';
import type { Approval } from '#contract/approval';
import type { Delivery } from '#streams/delivery';
import { StaleError } from '#streams/errors';
import { type ApprovalRecord, permitField, type RecordDeps } from './approval-record.ts';

/**
 * The permits of a decided approval: `permit.started` is written through the fence before an action runs, so that
 * a worker that lost its lease runs nothing, and one that died half way is found out.
 */
export function permitOf(
  deps: Pick<RecordDeps, 'keys'>,
  delivery: Pick<Delivery, 'partition' | 'entry' | 'save'>,
  record: Pick<ApprovalRecord, 'permits'>,
  decided: Pick<Approval, 'id' | 'actions'>,
): Permit {
  const key = deps.keys.approval(delivery.partition, decided.id);
  return {
    hasStarted: (index) => record.permits[index] !== undefined,
    start: async (index) => {
      const known = record.permits[index];
      if (known === 'started') return 'unknown';
      if (known !== undefined) return { alreadyDone: known.used };
      const field = permitField(index);
      const digest = decided.actions[index]?.digest ?? '';
      try {
        await delivery.save({
          guards: [{ key, field, value: null }],
          writes: [{ command: 'HSET', key, args: [field, 'started'] }],
          audit: [
            {
              type: 'permit.started',
              approval: decided.id,
              action: String(index),
              digest,
              turn: delivery.entry.id,
            },
          ],
        });
      } catch (error) {
        // Written by an attempt whose answer was lost: it may have got as far as running.
        if (error instanceof StaleError && error.key === key) return 'unknown';
        throw error;
      }
      return 'go';
    },
  };
}
