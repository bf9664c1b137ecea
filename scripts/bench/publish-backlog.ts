import type { Transport } from '#streams/open-transport';
import { messageOf, sessionOf } from './message-of.ts';
import { rateOf } from './rate-of.ts';

/** Puts messages into the streams, spread over so many sessions, oldest first in each. */
export async function publishBacklog(
  { publisher }: Transport,
  count: number,
  sessions: number,
  from = 0,
): Promise<void> {
  await rateOf(count, sessions, (index) => {
    const number = from + index;
    return publisher.publish('inbound', messageOf(number, sessionOf(number % sessions)));
  });
}
