import type { StreamName } from '#contract/bodies';
import { streamTypes } from '#contract/bodies';
import type { Keys } from '#contract/keys';
import { entryTime } from '#operations/streams/entry-time';

export interface DeadLetter {
  readonly partition: number;
  /** Its own id in the stream of dead letters. */
  readonly entryId: string;
  readonly at: number;
  /** What was given up, as it was, names and values in turn. */
  readonly original: readonly Buffer[];
  readonly reason: string;
  /** The group that gave it up, or `ingress`. */
  readonly stage: string;
  readonly attempts: string;
  /** The stream that it was an entry of; undefined where it never was one. */
  readonly stream: StreamName | undefined;
  /** Its id in that stream. */
  readonly originalId: string | undefined;
}

/** What every consumer puts behind the original fields. */
const tail = ['entry', 'stream', 'reason', 'stage', 'attempts'];

/** Reads a letter of a consumer (original fields, then ours) or of ingress (ours among its own). */
export function readDeadLetter(
  keys: Keys,
  partition: number,
  entryId: string,
  fields: readonly Buffer[],
): DeadLetter {
  const ownAt = fields.length - 2 * tail.length;
  const isConsumers = ownAt >= 0 && tail.every((name, index) => String(fields[ownAt + 2 * index]) === name);
  const original = isConsumers ? fields.slice(0, ownAt) : fields;
  const own = isConsumers ? fields.slice(ownAt) : fields;
  const streamKey = fieldOf(own, 'stream');
  const names = Object.keys(streamTypes) as StreamName[];
  return {
    partition,
    entryId,
    at: entryTime(entryId),
    original,
    reason: fieldOf(own, 'reason') ?? 'unknown',
    stage: fieldOf(own, 'stage') ?? 'unknown',
    attempts: fieldOf(own, 'attempts') ?? '?',
    stream: isConsumers ? names.find((name) => keys.stream(partition, name) === streamKey) : undefined,
    originalId: isConsumers ? fieldOf(own, 'entry') : undefined,
  };
}

/** The text of a field; undefined where there is none. */
export function fieldOf(fields: readonly Buffer[], name: string): string | undefined {
  for (let at = 0; at + 1 < fields.length; at += 2) {
    if (String(fields[at]) === name) return String(fields[at + 1]);
  }
  return undefined;
}

/** Why a letter cannot be replayed; undefined where it can be. */
export function replayObstacle(letter: DeadLetter): string | undefined {
  if (letter.stream === undefined) return 'it never was an entry of a stream: ask for the message again';
  const names = letter.original.filter((_, index) => index % 2 === 0).map(String);
  if (names[0] === 'packed') return 'it has more fields than any entry of vagent: nothing could read it';
  if (names.length === 0 || names.every((name) => name === 'session')) return 'its fields are lost';
  return undefined;
}
