import type { Metrics } from '#runtime/create-metrics';

export type ClockMetrics = ReturnType<typeof createClockMetrics>;

export function createClockMetrics(metrics: Metrics) {
  return {
    fired: metrics.counter('timers_fired_total', { help: 'Timers that became an entry', labels: ['kind'] }),
    late: metrics.histogram('timer_late_seconds', {
      help: 'From the due time to firing',
      buckets: [0.05, 0.1, 0.5, 1, 5, 30, 60, 600, 3_600],
    }),
    rebuilt: metrics.counter('timer_jobs_rebuilt_total', { help: 'Lost BullMQ jobs that were made again' }),
    unreadable: metrics.counter('timers_unreadable_total', { help: 'Looks at a timer that cannot be read' }),
  };
}
