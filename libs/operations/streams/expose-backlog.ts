import type { Group } from '#contract/keys';
import type { Metrics } from '#runtime/create-metrics';
import type { Transport } from '#streams/open-transport';
import { readerOf, readStreamStates } from './read-stream-states.ts';

/**
 * A gauge of all entries without an outcome, read or not, over all partitions, for each group: also while nobody of the
 * group runs, which is when an autoscaler asks. Measured at each scrape; no value where Redis does not answer.
 */
export function exposeBacklog(transport: Transport, metrics: Metrics): void {
  metrics.gauge('backlog_entries', {
    help: 'Entries without an outcome in all partitions, held or not',
    labels: ['group'],
    collect: async (gauge) => {
      gauge.reset();
      const found = await measure(transport).catch(() => undefined);
      for (const [group, entries] of found ?? []) gauge.set({ group }, entries);
    },
  });
}

async function measure(transport: Transport): Promise<Map<Group, number>> {
  const sums = new Map<Group, number>([...new Set(Object.values(readerOf))].map((group) => [group, 0]));
  for (const { stream, length, group } of await readStreamStates(transport)) {
    if (stream === 'dead') continue;
    const reader = readerOf[stream];
    // Without a group nobody has read anything. A lag that Redis cannot tell counts as one entry where there is one.
    const lag = group === null ? length : (group.lag ?? (group.oldestAt === null ? 0 : 1));
    sums.set(reader, (sums.get(reader) ?? 0) + lag + (group?.pending ?? 0));
  }
  return sums;
}
