import type { Keys } from '#contract/keys';
import type { RedisWrite } from '#streams/commit';
import type { TurnSavers } from './turn-savers.ts';

/** Forgets a conversation: its checkpoints through `savers`; its record, its turns and its personal data by what is returned. */
export async function forgetSession(
  { keys }: { readonly keys: Keys },
  { partition, session }: { readonly partition: number; readonly session: string },
  savers: TurnSavers,
): Promise<readonly RedisWrite[]> {
  await savers.conversation.deleteThread(session);
  return [
    { command: 'DEL', key: keys.session(partition, session), args: [] },
    { command: 'DEL', key: keys.turns(partition, session), args: [] },
    { command: 'ZREM', key: keys.sessions(partition), args: [session] },
    { command: 'DEL', key: keys.vault(partition, session), args: [] },
    { command: 'DEL', key: keys.vaultOrder(partition, session), args: [] },
  ];
}
