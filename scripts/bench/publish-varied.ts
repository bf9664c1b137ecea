import type { Transport } from '#streams/open-transport';
import { messageOf, sessionOf } from './message-of.ts';
import { questionOf } from './question-of.ts';
import { rateOf } from './rate-of.ts';

/** Puts whole turns of the first so many sessions into the streams, the so-many-eth of each, oldest first. */
export async function publishVaried(
  { publisher }: Transport,
  turns: { readonly from: number; readonly to: number },
  sessions: number,
): Promise<void> {
  await rateOf((turns.to - turns.from) * sessions, sessions, (index) => {
    const number = turns.from * sessions + index;
    const text = questionOf(Math.floor(number / sessions));
    return publisher.publish('inbound', messageOf(number, sessionOf(number % sessions), text));
  });
}
