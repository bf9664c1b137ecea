import { Registry } from 'prom-client';
import type { Commit } from '#streams/commit';
import { createConsumer } from '#streams/create-consumer';
import type { Delivery } from '#streams/delivery';
import type { Transport } from '#streams/open-transport';
import { createStreamMetrics } from '#streams/stream-metrics';
import type { Bench } from './bench.ts';

export interface RunningConsumer {
  /** Resolves when so many commits are written, counted from the start. Rejects when an entry is given up. */
  committed(count: number): Promise<void>;
  stop(): Promise<void>;
}

/** The consumer of inbound entries as the worker makes it, around any handler. @param onCommit told of each commit's fact. */
export async function startConsumer(
  { log }: Bench,
  transport: Transport,
  concurrency: number,
  handle: (delivery: Delivery) => Promise<Commit>,
  onCommit: (fact: string) => void = () => undefined,
): Promise<RunningConsumer> {
  let done = 0;
  const failed = Promise.withResolvers<never>();
  // Told by `committed`.
  failed.promise.catch(() => undefined);
  const waiting: { count: number; resolve: () => void }[] = [];
  const count = (fact: string) => {
    done += 1;
    onCommit(fact);
    for (const one of waiting) if (done >= one.count) one.resolve();
  };
  const consumer = createConsumer({
    ...transport,
    group: 'graph',
    streams: ['inbound'],
    concurrency,
    handle: async (delivery) => {
      const commit = await handle(delivery);
      const onEnd = (isWritten: boolean) => {
        commit.onEnd?.(isWritten);
        if (isWritten) count(delivery.entry.id);
      };
      return { ...commit, onEnd };
    },
    laneOf: (entry) => entry.session,
    shareOf: (entry) => entry.session,
    onDead: (entry, reason) => {
      failed.reject(new Error(`${entry.id} became a dead letter: ${reason}`));
      return [];
    },
    onLost: (lost) => failed.reject(new Error(`${lost.entryId} was lost`)),
    log,
    metrics: createStreamMetrics(new Registry()),
    beat: () => undefined,
  });
  await consumer.start();
  return {
    committed: (wanted) => {
      const reached = Promise.withResolvers<void>();
      if (done >= wanted) reached.resolve();
      else waiting.push({ count: wanted, resolve: reached.resolve });
      return Promise.race([reached.promise, failed.promise]);
    },
    stop: () => consumer.stop(),
  };
}
