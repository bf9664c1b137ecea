import { ConflictError } from '#operations/errors';
import { chainStart, linkRecord } from '#streams/audit-chain';
import type { AuditRecord } from '#streams/commit';
import type { Transport } from '#streams/open-transport';
import { loadScript, runScript } from '#streams/script';

const script = loadScript(new URL('append-audit.lua', import.meta.url));
const mostTries = 20;

/**
 * Appends a line to the audit chain of a partition, outside a turn.
 *
 * @throws {ConflictError} where the chain grows too fast.
 */
export async function appendAudit(
  { redis, keys }: Pick<Transport, 'redis' | 'keys'>,
  partition: number,
  record: AuditRecord,
): Promise<void> {
  const touched = [keys.stream(partition, 'audit'), keys.auditHead(partition)];
  for (let tries = 0; tries < mostTries; tries++) {
    const previous = (await redis.hget(keys.auditHead(partition), 'hash')) ?? chainStart;
    const line = linkRecord(previous, record);
    const answer = await runScript(redis, script, touched, [previous, line.hash, ...line.fields]);
    if (answer === 1) return;
  }
  throw new ConflictError('The audit is written to so fast that this found no place in it: run it again');
}
