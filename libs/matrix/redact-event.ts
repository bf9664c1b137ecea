import { z } from 'zod';
import { eventId } from '#contract/matrix-ids';
import { MatrixRequestError } from './errors.ts';
import type { MatrixClient } from './matrix-client.ts';
import { parseAnswer } from './parse-answer.ts';
import { txnIdOf } from './send-txn-id.ts';

const relations = z.object({
  chunk: z.array(z.object({ event_id: eventId, sender: z.string() })),
  next_batch: z.string().optional(),
});
const pageSize = 100;
const mostPages = 20;

/**
 * Takes an event of this client back, and before it everything that edited it, since edits hold the text too. Safe to repeat:
 * the transaction ids follow from the events (client-server API, `PUT /rooms/{roomId}/redact/{eventId}/{txnId}`). The same in
 * encrypted rooms: which event is meant is never encrypted.
 *
 * @throws {MatrixRequestError} as the homeserver answers, but for an event that it does not know: there is nothing to take back.
 */
export async function redactEvent(
  client: MatrixClient,
  { room, event }: { readonly room: string; readonly event: string },
  options: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/redact`;
  const edits = await unlessGone(editsOf(client, { room, event }, options));
  for (const one of [...(edits ?? []), event]) {
    const txnId = txnIdOf(client.userId, room, ['redact', one]);
    const place = `${path}/${encodeURIComponent(one)}/${txnId}`;
    // An edit that is gone leaves the others to be taken back.
    await unlessGone(client.request('PUT', place, { ...options, body: {} }));
  }
}

async function unlessGone<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof MatrixRequestError) || error.status !== 404) throw error;
    return undefined;
  }
}

async function editsOf(
  client: MatrixClient,
  { room, event }: { readonly room: string; readonly event: string },
  options: { readonly signal?: AbortSignal },
): Promise<string[]> {
  const path = `/_matrix/client/v1/rooms/${encodeURIComponent(room)}/relations/${encodeURIComponent(event)}/m.replace`;
  const edits: string[] = [];
  let from: string | undefined;
  for (let page = 0; page < mostPages; page++) {
    const answer = await client.request('GET', path, { ...options, query: { limit: pageSize, from } });
    const { chunk, next_batch: next } = parseAnswer(relations, path, answer);
    edits.push(...chunk.filter(({ sender }) => sender === client.userId).map(({ event_id: id }) => id));
    if (next === undefined || next === from) break;
    from = next;
  }
  return edits;
}
