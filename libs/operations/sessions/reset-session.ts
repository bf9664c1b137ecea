import { randomUUID } from 'node:crypto';
import { newTrace } from '#runtime/trace';
import type { Transport } from '#streams/open-transport';

/**
 * Makes the bot forget a conversation and withdraw what it asked a human for, in the conversation's own order, behind what
 * was said before. `by`: `cli:<name>`, or the user id of an operator.
 */
export async function resetSession(
  { publisher }: Pick<Transport, 'publisher'>,
  session: string,
  by: string,
): Promise<void> {
  await publisher.publish('inbound', {
    type: 'session.reset',
    id: `reset:${randomUUID()}`,
    session,
    at: new Date().toISOString(),
    trace: newTrace(),
    body: { by },
  });
}
