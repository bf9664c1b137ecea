import type { Transport } from '#streams/open-transport';
import { readEvents } from '../live/read-events.ts';
import type { Admitted } from './admit-message.ts';

const mostEvents = 1_000;
const highest = '18446744073709551615';

/**
 * The cursor behind which everything of a turn is: right behind its message. Of a turn that has ended it is looked up in
 * the conversation; null where that is not kept any more.
 */
export async function whereFrom(
  transport: Transport,
  { session, turn, entryId }: Admitted,
): Promise<string | null> {
  if (entryId !== null) {
    // What other streams got in the same millisecond may bear a lower number.
    const before = `${BigInt(entryId.split('-', 1)[0] ?? '1') - 1n}-${highest}`;
    return [entryId, before, before].join(',');
  }
  const { events } = await readEvents(transport, session, { limit: mostEvents });
  return events.find((event) => event.turn === turn && event.event === 'message')?.id ?? null;
}
