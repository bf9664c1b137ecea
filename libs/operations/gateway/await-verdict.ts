import { setTimeout as sleep } from 'node:timers/promises';
import type { Approval } from '#contract/approval';
import type { Body } from '#contract/bodies';
import { partitionOf } from '#contract/partition-of';
import type { Transport } from '#streams/open-transport';
import { readEntry } from '#streams/read-entry';
import { readApproval } from './read-approval.ts';

export type Verdict =
  /** The decision counts. */
  | { readonly kind: 'counted'; readonly approval: Approval }
  /** The worker has said no, with its reason: somebody was first, or it is not theirs to decide. */
  | { readonly kind: 'refused'; readonly notice: Body<'approval.resolved'> }
  /** No worker has taken it up yet. It is in the stream, and will be judged. */
  | { readonly kind: 'on its way'; readonly approval: Approval };

export interface SentDecision {
  readonly approval: Approval;
  /** The id of the fact. */
  readonly id: string;
  /** The end of the stream of approvals before it was sent: what came of it stands behind. */
  readonly after: string;
}

const everyMs = 40;

/** Where the stream of approvals of this session's partition ends. */
export async function endOfApprovals(
  { redis, keys, partitions }: Pick<Transport, 'redis' | 'keys' | 'partitions'>,
  session: string,
): Promise<string> {
  const stream = keys.stream(partitionOf(session, partitions), 'approvals');
  const [last] = await redis.xrevrange(stream, '+', '-', 'COUNT', 1);
  return last?.[0] ?? '0-0';
}

/** What became of a decision, as soon as a worker has judged it, within `withinMs`. */
export async function awaitVerdict(
  transport: Transport,
  sent: SentDecision,
  { withinMs, signal }: { readonly withinMs: number; readonly signal: AbortSignal },
): Promise<Verdict> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const [record, notice] = await Promise.all([
      readApproval(transport, sent.approval.session, sent.approval.id),
      readRefusal(transport, sent),
    ]);
    const approval = record ?? sent.approval;
    if (approval.decided.some(({ id }) => id === sent.id)) return { kind: 'counted', approval };
    if (notice !== undefined) return { kind: 'refused', notice };
    if (performance.now() > deadline || signal.aborted) return { kind: 'on its way', approval };
    await sleep(everyMs);
  }
}

/** Outputs carry the fact that caused them: the answer to this decision and to no other. */
async function readRefusal(
  transport: Transport,
  { approval, id, after }: SentDecision,
): Promise<Body<'approval.resolved'> | undefined> {
  const { redis, keys, partitions } = transport;
  const partition = partitionOf(approval.session, partitions);
  const stream = keys.stream(partition, 'approvals');
  const entries = await redis.xrange(stream, `(${after}`, '+', 'COUNT', 100);
  for (const [_, fields] of entries) {
    const decoded = readEntry(transport, partition, 'approvals', fields);
    if (!decoded.ok || decoded.entry.type !== 'approval.resolved' || decoded.entry.turn !== id) continue;
    const { body } = decoded.entry;
    if (body.notice === 'already_decided' || body.notice === 'refused' || body.notice === 'unknown')
      return body;
  }
  return undefined;
}
