import { ConflictError, NotFoundError } from '#operations/errors';
import { chainStart, linkRecord } from '#streams/audit-chain';
import { factTtlMs } from '#streams/fact-ttl';
import type { Transport } from '#streams/open-transport';
import { loadScript, runScript } from '#streams/script';
import { type DeadLetter, fieldOf } from './dead-letter.ts';
import { letterName } from './find-dead-letters.ts';

const script = loadScript(new URL('settle-letter.lua', import.meta.url));
const mostTries = 20;

export interface Settlement {
  readonly how: 'replay' | 'drop';
  /** Who does it, for the audit: `cli:<name>`, or the user id of an operator. */
  readonly by: string;
}

/**
 * Takes a letter out of the dead letters, at once with a line in the partition's audit chain that says who did it:
 * `replay` appends the original fields to their stream as a new entry, whose fact counts as never handled; `drop`
 * forgets them. Resolves with the new entry's id.
 *
 * @throws {NotFoundError} where somebody else settled it first, {@link ConflictError} where it cannot be done.
 */
export async function settleDeadLetter(
  transport: Transport,
  letter: DeadLetter,
  { how, by }: Settlement,
): Promise<string> {
  const { redis, keys } = transport;
  const { partition } = letter;
  const fact = fieldOf(letter.original, 'id') ?? '';
  const isLedgered = letter.stream === 'inbound' && fact !== '';
  const touched = [
    keys.stream(partition, 'dead'),
    keys.stream(partition, 'audit'),
    keys.auditHead(partition),
    keys.fact(partition, fact),
    keys.accepted(partition),
    keys.stream(partition, letter.stream ?? 'dead'),
  ];
  const session = isLedgered ? (fieldOf(letter.original, 'session') ?? '') : '';
  for (let tries = 0; tries < mostTries; tries++) {
    const previous = (await redis.hget(keys.auditHead(partition), 'hash')) ?? chainStart;
    const line = linkRecord(previous, auditRecord(letter, { how, by }, fact));
    const args = [letter.entryId, previous, line.hash, how, session, factTtlMs, ...line.fields];
    // The script's own return value, see its header.
    const [answer, id] = (await runScript(redis, script, touched, args)) as [string, string?];
    if (answer === 'OK') return id ?? '';
    if (answer === 'GONE') throw new NotFoundError(`Dead letter ${letterName(letter)} is not there any more`);
    if (answer === 'PACKED')
      throw new ConflictError(`Dead letter ${letterName(letter)} has too many fields to be replayed`);
  }
  throw new ConflictError(
    `The audit of partition ${partition} is written to so fast that dead letter ${letterName(letter)} found no place in it: try again`,
  );
}

function auditRecord(letter: DeadLetter, { how, by }: Settlement, fact: string): Record<string, string> {
  return {
    type: how === 'replay' ? 'dead.replayed' : 'dead.dropped',
    letter: letter.entryId,
    stream: letter.stream ?? '',
    fact,
    reason: letter.reason,
    by,
    at: new Date().toISOString(),
  };
}
