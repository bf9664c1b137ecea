import { partitionOf } from '#contract/partition-of';
import { shortDigest } from '#runtime/short-digest';
import type { Transport } from '#streams/open-transport';
import { appendAudit } from './append-audit.ts';

/**
 * Writes into the audit that somebody was erased, by whom and how much it was. The person stands in it by a digest
 * alone: whoever knows the id can find the line, nobody can read the id out of it.
 *
 * @throws {ConflictError} where the chain grows too fast.
 */
export async function noteErasure(
  transport: Transport,
  user: string,
  { by, removed, left }: { readonly by: string; readonly removed: number; readonly left: number },
): Promise<void> {
  const person = shortDigest(user);
  const at = new Date().toISOString();
  const record = { type: 'person.erased', person, by, removed: String(removed), left: String(left), at };
  await appendAudit(transport, partitionOf(person, transport.partitions), record);
}
