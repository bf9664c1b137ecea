import type { Group } from '#contract/keys';
import type { Transport } from '#streams/open-transport';

export interface LeaseState {
  readonly partition: number;
  readonly group: Group;
  /** Null where nobody has it, or where it has run out. */
  readonly owner: string | null;
  readonly epoch: number;
  /** How long the owner still has, in milliseconds. */
  readonly leftMs: number;
}

export const groups = ['graph', 'egress', 'clock'] as const satisfies readonly Group[];

/** Who holds which partition for which group, by Redis' clock. */
export async function readLeases(
  { redis, keys, partitions }: Transport,
  nowMs: number,
): Promise<LeaseState[]> {
  const all = groups.flatMap((group) =>
    Array.from({ length: partitions }, async (_, partition): Promise<LeaseState> => {
      const [owner, epoch, until] = await redis.hmget(
        keys.lease(partition, group),
        'owner',
        'epoch',
        'until',
      );
      const leftMs = Math.max(0, Number(until ?? 0) - nowMs);
      return {
        partition,
        group,
        owner: leftMs > 0 ? (owner ?? null) : null,
        epoch: Number(epoch ?? 0),
        leftMs,
      };
    }),
  );
  return Promise.all(all);
}
