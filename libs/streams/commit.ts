import type { EntryType, StreamName } from '#contract/bodies';
import type { Entry, EntryOf } from '#contract/entry';

/** One core Redis command on one key of the entry's partition. It runs exactly once: inside the commit script. */
export interface RedisWrite {
  readonly command: WriteCommand;
  readonly key: string;
  readonly args: readonly (string | Buffer)[];
}

export type WriteCommand =
  | 'SET'
  | 'DEL'
  | 'HSET'
  | 'HSETNX'
  | 'HDEL'
  | 'HINCRBY'
  | 'ZADD'
  | 'ZREM'
  | 'ZREMRANGEBYSCORE'
  | 'SADD'
  | 'SREM'
  | 'RPUSH'
  | 'LTRIM'
  | 'LREM'
  | 'XDEL'
  | 'PEXPIRE'
  | 'PERSIST';

/** An entry to append to a stream of the same partition. */
export interface Output<T extends EntryType = EntryType> {
  readonly stream: StreamName;
  readonly entry: Extract<Entry, EntryOf<T>>;
}

/** The commit is refused with `StaleError` unless the hash field still has this value (null: is not there). */
export interface Guard {
  readonly key: string;
  readonly field: string;
  readonly value: string | null;
}

/** A line of the partition's audit stream; the commit script links it to the one before. */
export type AuditRecord = Readonly<Record<string, string>>;

/** All that a turn leaves behind: written at once or not at all. */
export interface Commit {
  readonly outputs?: readonly Output[];
  readonly writes?: readonly RedisWrite[];
  readonly guards?: readonly Guard[];
  readonly audit?: readonly AuditRecord[];
  /** What became of the fact, in a word, e.g. `replied`, `waiting`, `no_reply`: kept in its ledger key. */
  readonly outcome?: string;
  /** Told once what became of it: written, or refused and not to be tried again as it is. */
  readonly onEnd?: (isWritten: boolean) => void;
}
