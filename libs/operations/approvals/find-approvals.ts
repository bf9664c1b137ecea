import { type Approval, approvalCodeOf } from '#contract/approval';
import { ConflictError, NotFoundError } from '#operations/errors';
import type { Transport } from '#streams/open-transport';
import { parseApproval } from './parse-approval.ts';

/** Every approval that waits, the one that expires first at the top. */
export async function listOpenApprovals(transport: Transport): Promise<Approval[]> {
  const { redis, keys, partitions } = transport;
  const found = await Promise.all(
    Array.from({ length: partitions }, async (_, partition) => {
      const ids = await redis.hvals(keys.openApprovals(partition));
      return Promise.all(ids.map((id) => readRecord(transport, partition, id)));
    }),
  );
  return found
    .flat()
    .filter((record) => record !== undefined)
    .sort((a, b) => Date.parse(a.expiresAt) - Date.parse(b.expiresAt));
}

/**
 * The approval with this id, decided or not, or the one that waits under this code.
 *
 * @throws {NotFoundError} where there is none.
 */
export async function findApproval(transport: Transport, idOrCode: string): Promise<Approval> {
  const { redis, keys, partitions } = transport;
  const wanted = idOrCode.toUpperCase();
  const found = await Promise.all(
    Array.from({ length: partitions }, async (_, partition) => {
      const id = wanted.length === 6 ? await redis.hget(keys.openApprovals(partition), wanted) : wanted;
      return id === null ? undefined : readRecord(transport, partition, id);
    }),
  );
  const [only, ...others] = found.filter((record) => record !== undefined);
  if (only === undefined) {
    throw new NotFoundError(
      `No approval ${idOrCode}: give the id, or the code of one that waits, as they are listed`,
    );
  }
  if (others.length > 0)
    throw new ConflictError(`Several approvals wait under the code ${idOrCode}: give the id`);
  return only;
}

async function readRecord(
  transport: Transport,
  partition: number,
  id: string,
): Promise<Approval | undefined> {
  const key = transport.keys.approval(partition, id);
  const record = await transport.redis.hget(key, 'record');
  if (record === null) return undefined;
  const parsed = parseApproval(transport, record);
  if (parsed !== undefined) return parsed;
  throw new ConflictError(
    `The record in ${key} is no approval (code ${approvalCodeOf(id)}): it was changed by hand, or PAYLOAD_KEY is another`,
  );
}
