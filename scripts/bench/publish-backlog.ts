import type { Transport } from '#streams/open-transport';
import { messageOf, sessionOf } from './message-of.ts';
import { rateOf } from './rate-of.ts';

/** Puts messages into the streams, spread over these sessions or so many of them, oldest first in each. */
export async function publishBacklog(
  { publisher }: Transport,
  count: number,
  sessions: number | readonly string[],
  from = 0,
): Promise<void> {
  const names =
    typeof sessions === 'number'
      ? Array.from({ length: sessions }, (_, number) => sessionOf(number))
      : sessions;
  await rateOf(count, names.length, (index) => {
    const number = from + index;
    return publisher.publish('inbound', messageOf(number, names[number % names.length] ?? ''));
  });
}
