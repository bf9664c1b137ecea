import { randomUUID } from 'node:crypto';
import { newTrace } from '#runtime/trace';
import type { Transport } from '#streams/open-transport';

/**
 * Makes the bot forget a conversation and withdraw what it asked a human for, in the conversation's own order, behind what
 * was said before. `by`: `cli:<name>`, or the user id of an operator. Resolves with the fact, by which the ledger knows it.
 */
export async function resetSession(
  { publisher }: Pick<Transport, 'publisher'>,
  session: string,
  by: string,
): Promise<string> {
  const id = `reset:${randomUUID()}`;
  await publisher.publish('inbound', {
    type: 'session.reset',
    id,
    session,
    at: new Date().toISOString(),
    trace: newTrace(),
    body: { by },
  });
  return id;
}
