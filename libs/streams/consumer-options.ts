import type { Logger } from 'pino';
import type { StreamName } from '#contract/bodies';
import type { Entry } from '#contract/entry';
import type { Group, Keys } from '#contract/keys';
import type { Signatures } from '#contract/signature';
import type { Tracing } from '#runtime/tracing';
import type { Output } from './commit.ts';
import type { Handle } from './delivery.ts';
import type { Lost } from './partition-reader.ts';
import type { RedisClient } from './redis-client.ts';
import type { StreamMetrics } from './stream-metrics.ts';

export interface ConsumerOptions {
  /** For commands. */
  readonly redis: RedisClient;
  /** Opens the connection (on Cluster: one for each partition) that blocks until something arrives. */
  readonly connectBlocking: () => RedisClient;
  readonly keys: Keys;
  readonly group: Group;
  readonly streams: readonly StreamName[];
  readonly partitions: number;
  /** This process, unique for its life: never the name of an earlier one. */
  readonly member: string;
  /** How many lanes run at once. */
  readonly concurrency: number;
  /** How many of them may be of one share, see `shareOf`; all of them by default. */
  readonly shareConcurrency?: number;
  readonly handle: Handle;
  /** Entries with the same lane run one after the other, in order. */
  readonly laneOf: (entry: Entry) => string;
  /** Lanes that wait take turns by this key, so that one busy room or user starves nobody. */
  readonly shareOf: (entry: Entry) => string;
  /** What the people concerned are told when an entry becomes a dead letter; may be empty. */
  readonly onDead: (entry: Entry, reason: string) => readonly Output[];
  /** Told of every entry that was deleted before it was finished; it is a dead letter by then. */
  readonly onLost: (lost: Lost) => void;
  readonly sealBody: (json: string) => string;
  readonly openBody: (sealed: string) => string;
  /** What entries are signed with, and checked by; undefined where nothing is signed. */
  readonly signatures?: Signatures | undefined;
  readonly log: Logger;
  readonly metrics: StreamMetrics;
  /** Where given, each try at an entry is a span of this name, and the parent of what its outputs cause. */
  readonly traced?: { readonly name: string; readonly tracing: Tracing } | undefined;
  /** Called in every round of the loop: liveness. */
  readonly beat: () => void;
  readonly leaseMs?: number;
  readonly maxAttempts?: number;
  /** First pause before a new attempt; doubles each time, with jitter. */
  readonly backoffMs?: number;
  /** Entries above this many bytes go to the dead letters unread. */
  readonly maxEntryBytes?: number;
  /** How long finished entries stay readable in the streams. */
  readonly retainMs?: number;
  /** How often housekeeping runs: trimming, and the search for entries that were dropped by hand. */
  readonly houseMs?: number;
  /** How often the backlog of held partitions is measured, default 5 s. */
  readonly backlogMs?: number;
  /** How long an entry of unknown version or type waits for a newer consumer before it is a dead letter. */
  readonly unknownMs?: number;
}
