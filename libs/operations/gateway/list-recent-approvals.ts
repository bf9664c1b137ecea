import type { Approval } from '#contract/approval';
import type { Transport } from '#streams/open-transport';
import { readEntry } from '#streams/read-entry';
import { redisNow } from '#streams/redis-now';
import { readApproval } from './read-approval.ts';

const dayMs = 24 * 60 * 60_000;
/** Of each partition: what was asked, reminded of and decided in a day is seldom more. */
const mostEntries = 500;
const mostApprovals = 200;

/**
 * What was asked and decided in the last 24 hours, as far as the streams keep it, as it stands now; the newest first, at
 * most 200.
 */
export async function listRecentApprovals(transport: Transport): Promise<Approval[]> {
  const { redis, partitions } = transport;
  const since = String((await redisNow(redis)) - dayMs);
  const found = await Promise.all(
    Array.from({ length: partitions }, (_, partition) => readRequested(transport, partition, since)),
  );
  const newest = new Map(
    found
      .flat()
      .sort((a, b) => Date.parse(b.requestedAt) - Date.parse(a.requestedAt))
      .map((asked) => [asked.id, asked]),
  );
  // Where the record has expired, what was asked is all that is left.
  const shown = [...newest.values()].slice(0, mostApprovals);
  return Promise.all(
    shown.map(async (asked) => (await readApproval(transport, asked.session, asked.id)) ?? asked),
  );
}

async function readRequested(transport: Transport, partition: number, since: string): Promise<Approval[]> {
  const { redis, keys } = transport;
  const entries = await redis.xrevrange(
    keys.stream(partition, 'approvals'),
    '+',
    since,
    'COUNT',
    mostEntries,
  );
  return entries.flatMap(([_, fields]) => {
    const decoded = readEntry(transport, partition, 'approvals', fields);
    if (!decoded.ok || decoded.entry.type !== 'approval.requested') return [];
    return [decoded.entry.body.approval];
  });
}
