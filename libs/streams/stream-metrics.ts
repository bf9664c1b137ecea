import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Seconds. */
const workBuckets = [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60];
const waitBuckets = [0.005, 0.02, 0.1, 0.5, 2, 10, 60, 600, 3_600];

export type StreamMetrics = ReturnType<typeof createStreamMetrics>;

/** What every consumer counts; labelled by group, never by a person or a room. */
export function createStreamMetrics(registry: Registry) {
  const registers = [registry];
  const counter = (name: string, help: string, labelNames: string[]) =>
    new Counter({ name: `vagent_${name}`, help, labelNames, registers });
  const gauge = (name: string, help: string, labelNames: string[]) =>
    new Gauge({ name: `vagent_${name}`, help, labelNames, registers });
  const histogram = (name: string, help: string, labelNames: string[], buckets: number[]) =>
    new Histogram({ name: `vagent_${name}`, help, labelNames, buckets, registers });
  return {
    delivered: counter('entries_delivered_total', 'Entries read or taken over', ['group']),
    finished: counter('entries_finished_total', 'Entries ended by a commit, by type and outcome', [
      'group',
      'type',
      'outcome',
    ]),
    retried: counter('entry_attempts_failed_total', 'Attempts that failed and are tried again', ['group']),
    dead: counter('dead_letters_total', 'Entries given up', ['group']),
    forged: counter('entries_forged_total', 'Entries refused for their signature: an alarm', ['group']),
    fenced: counter('commits_fenced_total', 'Writes refused because the lease had moved', ['group']),
    gone: counter('commits_gone_total', 'Writes refused because the entry was not pending', ['group']),
    lost: counter('entries_lost_total', 'Entries deleted from a stream before they were finished', ['group']),
    restored: counter('entries_restored_total', 'Accepted entries made pending again', ['group']),
    groupsCreated: counter('groups_created_total', 'Consumer groups that were missing', ['group']),
    leaseMoves: counter('lease_moves_total', 'Leases gained and lost', ['group', 'what']),
    redisErrors: counter('consumer_redis_errors_total', 'Rounds that failed because of Redis', ['group']),
    trimmed: counter('entries_trimmed_total', 'Finished entries removed from streams', ['group']),
    toldToWait: counter('entries_told_to_wait_total', 'Tries put off because somebody asked to wait', [
      'group',
    ]),
    held: gauge('partitions_held', 'Partitions whose lease this process has', ['group']),
    blocked: gauge(
      'streams_blocked',
      'Held streams whose key holds another type of value; the log names them',
      ['group'],
    ),
    inHand: gauge('entries_in_hand', 'Entries that wait or run in lanes', ['group']),
    partitions: gauge('partitions', 'All partitions there are, held or not', ['group']),
    members: gauge('group_members', 'Live members of the group, this process included', ['group']),
    lag: gauge('stream_lag', 'Entries of held partitions that nobody has read yet', ['group', 'stream']),
    pending: gauge('stream_pending', 'Entries of held partitions that are read and not finished', [
      'group',
      'stream',
    ]),
    oldest: gauge('stream_oldest_seconds', 'Age of the oldest unfinished entry of held partitions', [
      'group',
      'stream',
    ]),
    deadKept: gauge('dead_letters_kept', 'Dead letters of held partitions that nobody has settled', [
      'group',
    ]),
    seconds: histogram('entry_seconds', 'From begin to commit', ['group', 'type'], workBuckets),
    waited: histogram(
      'entry_waiting_seconds',
      'From append to the first begin',
      ['group', 'type'],
      waitBuckets,
    ),
  };
}

/** Prometheus takes a counter that appears with 1 for one that has not moved: what alerts go by begins with 0. */
export function beginCounters(metrics: StreamMetrics, group: string): void {
  const { dead, lost, restored, forged, fenced, gone, redisErrors } = metrics;
  for (const counter of [dead, lost, restored, forged, fenced, gone, redisErrors]) counter.inc({ group }, 0);
}
