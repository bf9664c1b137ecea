import type { Output } from '#streams/commit';
import type { Delivery } from '#streams/delivery';
import { outputsOf } from './outputs.ts';
import { decodeRow, rowsForward, type StreamRowsDeps } from './stream-rows.ts';

/** A notice may quote no more than the beginning of a message. */
const quotedLength = 16;

/** Takes back what these turns have told the admin room with the words of a message that was redacted. */
export async function withdrawNotices(
  deps: StreamRowsDeps,
  { partition, entry }: Pick<Delivery, 'partition' | 'entry'>,
  turns: readonly string[],
  texts: readonly string[],
): Promise<Output[]> {
  const output = outputsOf(entry);
  const beginnings = texts.map((text) => text.trim().slice(0, quotedLength));
  const withdrawn: Output[] = [];
  for await (const row of rowsForward(deps, partition, 'approvals')) {
    const { fields, id } = row;
    const isTheirs = fields.get('session') === entry.session && turns.includes(fields.get('turn') ?? '');
    if (fields.get('type') !== 'notice.raised' || !isTheirs) continue;
    const told = decodeRow(deps, row);
    if (told?.type !== 'notice.raised' || !beginnings.some((words) => told.body.text.includes(words)))
      continue;
    const withdraws = { notice: told.id, entry: id };
    withdrawn.push(output('notice.raised', `withdrawn-${told.id}`, { text: '', approval: null, withdraws }));
  }
  return withdrawn;
}
