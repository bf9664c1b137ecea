import { type Approval, approvalStatus } from '#contract/approval';
import type { Switches } from '#operations/switches/switch';
import type { Metrics } from '#runtime/create-metrics';
import type { Commit } from '#streams/commit';
import type { Delivery, Handle } from '#streams/delivery';

export type WorkerMetrics = ReturnType<typeof createWorkerMetrics>;

/** From a reviewer who was waiting to one who comes back after a weekend. */
const decisionBuckets = [10, 30, 60, 300, 900, 1_800, 3_600, 4 * 3_600, 24 * 3_600, 72 * 3_600];

export function createWorkerMetrics(metrics: Metrics) {
  const worker = defineMetrics(metrics);
  // What alerts go by begins with 0: Prometheus takes a counter that appears with 1 for one that has not moved.
  for (const status of approvalStatus.options) worker.resolved.inc({ status }, 0);
  return worker;
}

function defineMetrics(metrics: Metrics) {
  return {
    requested: metrics.counter('approvals_requested_total', {
      help: 'Approvals that reviewers were asked for',
      labels: ['risk'],
    }),
    resolved: metrics.counter('approvals_resolved_total', {
      help: 'Approvals that came to their end',
      labels: ['status'],
    }),
    decisions: metrics.counter('approval_decisions_total', {
      help: 'Decisions of reviewers, by what they said and what became of it',
      labels: ['decision', 'outcome'],
    }),
    decisionSeconds: metrics.histogram('approval_decision_seconds', {
      help: 'From asking to the end of an approval, decided or expired',
      labels: ['status'],
      buckets: decisionBuckets,
    }),
    open: metrics.gauge('approvals_open', {
      help: 'Approvals of held partitions that wait',
      labels: ['risk'],
    }),
    oldestOpen: metrics.gauge('approvals_oldest_open_seconds', {
      help: 'Age of the oldest approval of held partitions that waits; 0 where none does',
    }),
    expiringSoon: metrics.gauge('approvals_expiring_soon', {
      help: 'Approvals of held partitions that expire undecided within ten minutes',
    }),
  };
}

/** Seen at each scrape. */
export function watchSwitchedOff(metrics: Metrics, switches: Pick<Switches, 'list'>): void {
  metrics.gauge('switches_off', {
    help: 'What operators have switched off, by scope',
    labels: ['scope'],
    collect: (gauge) => {
      for (const scope of ['all', 'room', 'agent', 'tool']) {
        gauge.set({ scope }, switches.list().filter((one) => one.scope === scope).length);
      }
    },
  });
}

/** Counts what the turns have done to approvals, once it is written. */
export function countTurns(
  handle: Handle,
  metrics: WorkerMetrics,
  readApproval: (partition: number, id: string) => Promise<Approval | undefined>,
): Handle {
  return async (delivery) => {
    const { entry, partition } = delivery;
    const isEnd = entry.type === 'approval.decided' || entry.type === 'approval.expired';
    const asked = isEnd ? await readApproval(partition, entry.body.approval) : undefined;
    const commit = await handle(delivery);
    const onEnd = (isWritten: boolean): void => {
      commit.onEnd?.(isWritten);
      if (isWritten) count(metrics, delivery, commit, asked);
    };
    return { ...commit, onEnd };
  };
}

function count(
  metrics: WorkerMetrics,
  { entry }: Delivery,
  { outputs = [], outcome = 'none' }: Commit,
  asked: Approval | undefined,
): void {
  if (entry.type === 'approval.decided') {
    metrics.decisions.inc({ decision: entry.body.decision, outcome });
  }
  for (const { entry: output } of outputs) {
    if (output.type === 'approval.requested') metrics.requested.inc({ risk: output.body.approval.risk });
    if (output.type !== 'approval.resolved' || output.body.notice !== 'outcome') continue;
    const status = output.body.status ?? 'unknown';
    metrics.resolved.inc({ status });
    if (output.body.approval === asked?.id) {
      const ms = Date.now() - Date.parse(asked.requestedAt);
      metrics.decisionSeconds.observe({ status }, Math.max(0, ms) / 1_000);
    }
  }
}
