import { forgetMessage, type KeptState, type TakenBack } from '#agents/conversation/forget-message';
import { erasedWords } from '#contract/erased';
import { restorable } from '#privacy/placeholder';
import type { Output, RedisWrite } from '#streams/commit';
import type { Delivery } from '#streams/delivery';
import { readApproval } from '../approvals/approval-record.ts';
import { outputsOf } from './outputs.ts';
import type { TurnDeps } from './turn-deps.ts';
import type { TurnSavers } from './turn-savers.ts';

/** Rewrites the conversation; undefined forgets all of it. Gives what is left, as text, and what people said that is not. */
export async function forgetInMemory(
  { conversation }: TurnDeps,
  savers: TurnSavers,
  thread: string,
  taken: TakenBack | undefined,
): Promise<{ left: string; heard: string[] }> {
  let left = '';
  let heard: string[] = [];
  const change = (state: KeptState): KeptState | undefined => {
    const kept = taken && forgetMessage(state, taken);
    const gone = state.messages.filter((message) => kept?.messages.includes(message) !== true);
    heard = gone.flatMap(({ role, text }) => (role === 'user' ? [text] : []));
    left = kept === undefined ? '' : JSON.stringify(kept);
    return kept;
  };
  await conversation.rewrite(change, { thread, saver: savers.conversation });
  return { left, heard };
}

export function deletions(keys: readonly string[]): RedisWrite[] {
  return keys.map((key): RedisWrite => ({ command: 'DEL', key, args: [] }));
}

/** What was decided stays decided, and the audit tells by whom; what was asked is forgotten, and its prompt taken back. */
export async function forgetDecided(
  deps: TurnDeps,
  delivery: Pick<Delivery, 'partition' | 'entry'>,
  savers: TurnSavers,
  ids: readonly string[],
): Promise<{ outputs: Output[] }> {
  const records = await Promise.all(ids.map((id) => readApproval(deps, delivery.partition, id)));
  const outputs: Output[] = [];
  for (const record of records) {
    if (record === undefined || record.approval.status === 'pending') continue;
    const { id, status, thread } = record.approval;
    await savers.actions.deleteThread(thread);
    outputs.push(
      outputsOf(delivery.entry)('approval.resolved', `${id}-erased`, {
        ...{ approval: id, notice: 'outcome', status, by: [], text: erasedWords, replyTo: null },
      }),
    );
  }
  return { outputs };
}

/** Values that nothing refers to any more: neither what is left of the conversation nor what waits in it. */
export function vaultWrites(
  { keys }: TurnDeps,
  { partition, entry, waiting }: Delivery,
  texts: readonly string[],
  left: string,
): RedisWrite[] {
  const inUse = `${left}${JSON.stringify(waiting())}`;
  const found = new Set(
    texts.flatMap((text) => [...text.matchAll(restorable)].map(([placeholder]) => placeholder)),
  );
  const unused = [...found].filter((placeholder) => !inUse.includes(placeholder));
  if (unused.length === 0) return [];
  const order = keys.vaultOrder(partition, entry.session);
  return [
    { command: 'HDEL', key: keys.vault(partition, entry.session), args: unused },
    ...unused.map((placeholder): RedisWrite => ({ command: 'LREM', key: order, args: ['0', placeholder] })),
  ];
}

/** Whether something quotes one of the texts in full; what is shorter than eight letters could stand anywhere. */
export function hasWords(value: object, texts: readonly string[]): boolean {
  const written = JSON.stringify(value);
  return texts.some((text) => text.length >= 8 && written.includes(JSON.stringify(text).slice(1, -1)));
}
