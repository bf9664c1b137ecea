import { partitionOf } from '#contract/partition-of';
import { ConflictError } from '#operations/errors';
import { shortDigest } from '#runtime/short-digest';
import { chainStart, linkRecord } from '#streams/audit-chain';
import type { Transport } from '#streams/open-transport';
import { loadScript, runScript } from '#streams/script';

const script = loadScript(new URL('append-audit.lua', import.meta.url));
const mostTries = 20;

/**
 * Writes into the audit that somebody was erased, by whom and how much it was. The person stands in it by a digest
 * alone: whoever knows the id can find the line, nobody can read the id out of it.
 *
 * @throws {ConflictError} where the chain grows too fast.
 */
export async function noteErasure(
  { redis, keys, partitions }: Transport,
  user: string,
  { by, removed, left }: { readonly by: string; readonly removed: number; readonly left: number },
): Promise<void> {
  const person = shortDigest(user);
  const partition = partitionOf(person, partitions);
  const touched = [keys.stream(partition, 'audit'), keys.auditHead(partition)];
  const at = new Date().toISOString();
  const record = { type: 'person.erased', person, by, removed: String(removed), left: String(left), at };
  for (let tries = 0; tries < mostTries; tries++) {
    const previous = (await redis.hget(keys.auditHead(partition), 'hash')) ?? chainStart;
    const line = linkRecord(previous, record);
    const answer = await runScript(redis, script, touched, [previous, line.hash, ...line.fields]);
    if (answer === 1) return;
  }
  throw new ConflictError(
    'The audit is written to so fast that the erasure found no place in it: run it again',
  );
}
