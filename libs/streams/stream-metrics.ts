import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

export type StreamMetrics = ReturnType<typeof createStreamMetrics>;

/** What every consumer counts; labelled by group, never by a person or a room. */
export function createStreamMetrics(registry: Registry) {
  const registers = [registry];
  const counter = (name: string, help: string, labelNames: string[]) =>
    new Counter({ name: `vagent_${name}`, help, labelNames, registers });
  return {
    delivered: counter('entries_delivered_total', 'Entries read or taken over', ['group']),
    finished: counter('entries_finished_total', 'Entries ended by a commit, by outcome', [
      'group',
      'outcome',
    ]),
    retried: counter('entry_attempts_failed_total', 'Attempts that failed and are tried again', ['group']),
    dead: counter('dead_letters_total', 'Entries given up', ['group']),
    fenced: counter('commits_fenced_total', 'Writes refused because the lease had moved', ['group']),
    gone: counter('commits_gone_total', 'Writes refused because the entry was not pending', ['group']),
    lost: counter('entries_lost_total', 'Entries deleted from a stream before they were finished', ['group']),
    restored: counter('entries_restored_total', 'Accepted entries made pending again', ['group']),
    groupsCreated: counter('groups_created_total', 'Consumer groups that were missing', ['group']),
    leaseMoves: counter('lease_moves_total', 'Leases gained and lost', ['group', 'what']),
    redisErrors: counter('consumer_redis_errors_total', 'Rounds that failed because of Redis', ['group']),
    trimmed: counter('entries_trimmed_total', 'Finished entries removed from streams', ['group']),
    held: new Gauge({
      name: 'vagent_partitions_held',
      help: 'Partitions whose lease this process has',
      labelNames: ['group'],
      registers,
    }),
    blocked: new Gauge({
      name: 'vagent_streams_blocked',
      help: 'Held streams whose key holds another type of value; the log names them',
      labelNames: ['group'],
      registers,
    }),
    inHand: new Gauge({
      name: 'vagent_entries_in_hand',
      help: 'Entries that wait or run in lanes',
      labelNames: ['group'],
      registers,
    }),
    seconds: new Histogram({
      name: 'vagent_entry_seconds',
      help: 'From begin to commit',
      labelNames: ['group'],
      buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60],
      registers,
    }),
  };
}
