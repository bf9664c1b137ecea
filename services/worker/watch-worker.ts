import type { Logger } from 'pino';
import { watchTools } from '#agents/observed/agent-metrics';
import type { Switches } from '#operations/switches/switch';
import type { Metrics } from '#runtime/create-metrics';
import type { Consumer } from '#streams/create-consumer';
import type { Transport } from '#streams/open-transport';
import { countReconnects } from '#streams/redis-metrics';
import { type WatchApprovalsDeps, watchApprovals } from './approvals/watch-approvals.ts';
import type { WorkerDesks } from './desks/open-desks.ts';
import { type WorkerMetrics, watchSwitchedOff } from './worker-metrics.ts';

export interface WatchWorkerDeps {
  readonly metrics: Metrics;
  readonly workerMetrics: WorkerMetrics;
  readonly transport: Transport;
  readonly desks: Pick<WorkerDesks, 'breakers' | 'current'>;
  readonly switches: Pick<Switches, 'list'>;
  readonly consumer: Pick<Consumer, 'held'>;
  readonly readApproval: WatchApprovalsDeps['readApproval'];
  readonly log: Logger;
}

/** What a worker shows beside its turns: tools, switches, approvals that wait, its connection. Until `signal` is aborted. */
export function watchWorker(deps: WatchWorkerDeps, signal: AbortSignal): void {
  const { metrics, transport, desks, switches, consumer, readApproval, log } = deps;
  countReconnects(metrics, transport.redis);
  watchTools(metrics, desks.breakers, () => desks.current().servers());
  watchSwitchedOff(metrics, switches);
  const held = (): readonly number[] => consumer.held();
  void watchApprovals({ ...transport, readApproval, held, metrics: deps.workerMetrics, log }, signal);
}
