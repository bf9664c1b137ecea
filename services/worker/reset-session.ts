import type { Commit } from '#streams/commit';
import type { Delivery } from '#streams/delivery';
import { readApproval } from './approval-record.ts';
import { closeApprovals } from './close-approvals.ts';
import type { TurnDeps } from './turn-deps.ts';
import type { TurnSavers } from './turn-savers.ts';

/** Forgets a conversation: its checkpoints and record go, what it asked for is withdrawn, and personal data is erased. */
export async function resetSession(deps: TurnDeps, delivery: Delivery, savers: TurnSavers): Promise<Commit> {
  const { partition, entry } = delivery;
  const open = await deps.redis.hvals(deps.keys.openApprovals(partition));
  const records = await Promise.all(open.map((id) => readApproval(deps, partition, id)));
  const own = records.flatMap((record) =>
    record?.approval.session === entry.session ? [record.approval.id] : [],
  );
  const closing = await closeApprovals(deps, delivery, savers, own, 'cancelled');
  await savers.conversation.deleteThread(entry.session);
  const forgotten = [
    { command: 'DEL', key: deps.keys.session(partition, entry.session), args: [] },
    { command: 'DEL', key: deps.keys.turns(partition, entry.session), args: [] },
    { command: 'ZREM', key: deps.keys.sessions(partition), args: [entry.session] },
    { command: 'DEL', key: deps.keys.vault(partition, entry.session), args: [] },
    { command: 'DEL', key: deps.keys.vaultOrder(partition, entry.session), args: [] },
  ] as const;
  return {
    ...closing,
    writes: [...savers.takeWrites(), ...closing.writes, ...forgotten],
    outcome: 'reset',
  };
}
