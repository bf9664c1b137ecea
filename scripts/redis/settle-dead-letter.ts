import { userInfo } from 'node:os';
import { chainStart, linkRecord } from '#streams/audit-chain';
import { factTtlMs } from '#streams/fact-ttl';
import type { Transport } from '#streams/open-transport';
import { loadScript, runScript } from '#streams/script';
import { CommandError } from '../cli/errors.ts';
import { type DeadLetter, fieldOf } from './dead-letter.ts';
import { letterName } from './find-dead-letters.ts';

const script = loadScript(new URL('settle-letter.lua', import.meta.url));
const mostTries = 20;

/**
 * Takes a letter out of the dead letters, at once with a line in the partition's audit chain that says who did it:
 * `replay` appends the original fields to their stream as a new entry, whose fact counts as never handled; `drop`
 * forgets them. Resolves with the new entry's id.
 */
export async function settleDeadLetter(
  transport: Transport,
  letter: DeadLetter,
  how: 'replay' | 'drop',
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
    const line = linkRecord(previous, auditRecord(letter, how, fact));
    const args = [letter.entryId, previous, line.hash, how, session, factTtlMs, ...line.fields];
    // The script's own return value, see its header.
    const [answer, id] = (await runScript(redis, script, touched, args)) as [string, string?];
    if (answer === 'OK') return id ?? '';
    if (answer === 'GONE') throw new CommandError(`Dead letter ${letterName(letter)} is not there any more`);
    if (answer === 'PACKED')
      throw new CommandError(`Dead letter ${letterName(letter)} has too many fields to be replayed`);
  }
  throw new CommandError(
    `The audit of partition ${partition} is written to so fast that dead letter ${letterName(letter)} found no place in it: try again`,
  );
}

function auditRecord(letter: DeadLetter, how: 'replay' | 'drop', fact: string): Record<string, string> {
  return {
    type: how === 'replay' ? 'dead.replayed' : 'dead.dropped',
    letter: letter.entryId,
    stream: letter.stream ?? '',
    fact,
    reason: letter.reason,
    by: `cli:${userInfo().username}`,
    at: new Date().toISOString(),
  };
}
