import { setTimeout as sleep } from 'node:timers/promises';
import type { Metrics } from '#runtime/create-metrics';
import type { CiphertextQueue } from './encrypted/ciphertext-queue.ts';

export type IngressMetrics = ReturnType<typeof createIngressMetrics>;

export function createIngressMetrics(metrics: Metrics) {
  return {
    published: metrics.counter('ingress_entries_total', {
      help: 'Entries published, and those that were known already',
      labels: ['type', 'is_new'],
    }),
    blocked: metrics.counter('ingress_blocked_total', {
      help: 'Messages refused for personal data that the playbook blocks',
      labels: ['kind'],
    }),
    limited: metrics.counter('ingress_limited_total', {
      help: 'Messages over the limit of their sender or room: not answered',
      labels: ['scope'],
    }),
    files: metrics.counter('ingress_files_total', {
      help: 'Files of messages: kept for the worker, or why not',
      labels: ['outcome'],
    }),
    ignored: metrics.counter('ingress_ignored_total', {
      help: 'Events not meant for the bot',
      labels: ['reason'],
    }),
    dead: metrics.counter('ingress_dead_letters_total', { help: 'Events that could not be decided' }),
    encrypted: metrics.counter('ingress_encrypted_events_total', {
      help: 'Events of encrypted rooms that were declined, and switches to encryption, for want of CRYPTO_STORE_KEY',
    }),
    declined: metrics.counter('ingress_encrypted_rooms_left_total', {
      help: 'Rooms left as they are encrypted',
    }),
    queued: metrics.counter('ingress_queued_events_total', {
      help: 'Events of encrypted rooms that were kept for the replica that holds the keys',
    }),
    decrypted: metrics.counter('ingress_decrypted_total', {
      help: 'Encrypted events by what became of them: read, read late, no key in time, never readable, redacted while waiting',
      labels: ['outcome'],
    }),
    waiting: metrics.gauge('ingress_waiting_for_keys', {
      help: 'Encrypted events that wait for their key, or behind one that does',
    }),
    oldestWait: metrics.gauge('ingress_oldest_key_wait_seconds', {
      help: 'How long the oldest encrypted event has waited for its key',
    }),
    joins: metrics.counter('ingress_joins_total', { help: 'Ends of accepted invites', labels: ['outcome'] }),
    closed: metrics.counter('ingress_sessions_closed_total', {
      help: 'Sessions told that their room is lost to the bot, or goes on in another one',
      labels: ['reason'],
    }),
    upgrades: metrics.counter('ingress_upgrades_total', {
      help: 'Ends of room upgrades: followed, or not trusted',
      labels: ['outcome'],
    }),
    answers: metrics.counter('ingress_command_answers_total', {
      help: 'Notices that nothing came of a command or a message',
    }),
    batches: metrics.counter('ingress_batches_total', {
      help: 'Rounds of /sync and appservice transactions, by end',
      labels: ['mode', 'outcome'],
    }),
    gaps: metrics.counter('ingress_gaps_total', { help: 'Gaps in timelines', labels: ['outcome'] }),
    gapEvents: metrics.counter('ingress_gap_events_total', { help: 'Events read back to close gaps' }),
    leads: metrics.gauge('ingress_is_leader', { help: '1 while this process reads /sync' }),
  };
}

const patienceMs = 1_000;

/** Tells by every replica how many events of encrypted rooms nobody has read yet: also where nobody holds the keys. */
export function watchQueue(metrics: Metrics, queue: Pick<CiphertextQueue, 'length'>): void {
  metrics.gauge('ingress_encrypted_queue_length', {
    help: 'Events of encrypted rooms that are queued: not yet read, or waiting for a key',
    // A scrape must not wait for a Redis that is away.
    collect: async (gauge) => {
      const counted = queue.length().catch(() => Number.NaN);
      const patience = new AbortController();
      const tooLate = sleep(patienceMs, Number.NaN, { signal: patience.signal }).catch(() => Number.NaN);
      gauge.set(await Promise.race([counted, tooLate]));
      patience.abort();
    },
  });
}
