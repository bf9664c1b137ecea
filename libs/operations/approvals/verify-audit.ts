import { type ChainCheck, verifyChain } from '#streams/audit-chain';
import type { Transport } from '#streams/open-transport';

export type PartitionVerdict = ChainCheck & { readonly partition: number };

type AuditLine = { readonly id: string; readonly fields: readonly string[] };

/** Follows the audit chain of every partition, one after the other. */
export async function* verifyAudit({
  redis,
  keys,
  partitions,
}: Transport): AsyncGenerator<PartitionVerdict, void, void> {
  for (let partition = 0; partition < partitions; partition++) {
    const [lines, head] = await readAudit(redis, keys.stream(partition, 'audit'), keys.auditHead(partition));
    yield { partition, ...verifyChain(lines, head) };
  }
}

/** Stream and head at one moment: a chain that grows between two reads would look broken. */
async function readAudit(
  redis: Transport['redis'],
  stream: string,
  head: string,
): Promise<[AuditLine[], string | null]> {
  const replies = (await redis.multi().xrange(stream, '-', '+').hget(head, 'hash').exec()) ?? [];
  const [[streamError, found] = [], [headError, hash] = []] = replies;
  if (streamError) throw streamError;
  if (headError) throw headError;
  // XRANGE answers pairs of an id and its fields, HGET text or nothing.
  const entries = found as [string, string[]][];
  return [entries.map(([id, fields]) => ({ id, fields })), hash as string | null];
}
