import { createHash } from 'node:crypto';
import type { AuditRecord } from './commit.ts';

/** The hash that the first line of a chain builds on. */
export const chainStart = '0'.repeat(64);

/** SHA-256 over the hash before and the line's fields in order; `hash` and `prev` themselves are left out. */
export function linkHash(previous: string, fields: readonly string[]): string {
  return createHash('sha256')
    .update(JSON.stringify([previous, ...fields]))
    .digest('hex');
}

/** A record as the fields of its line, linked to the line before: `… prev <hash> hash <hash>`. */
export function linkRecord(previous: string, record: AuditRecord): { fields: string[]; hash: string } {
  const fields = Object.entries(record).flat();
  const hash = linkHash(previous, fields);
  return { fields: [...fields, 'prev', previous, 'hash', hash], hash };
}

export type ChainCheck =
  | { readonly isIntact: true; readonly lines: number; readonly head: string }
  | { readonly isIntact: false; readonly line: string; readonly reason: string };

/**
 * Checks lines of a partition's audit stream, oldest first, against themselves and against the kept head.
 *
 * @param start the hash that the first of them builds on, where they are not the whole stream.
 */
export function verifyChain(
  lines: readonly { id: string; fields: readonly string[] }[],
  head: string | null,
  start = chainStart,
): ChainCheck {
  let previous = start;
  for (const { id, fields } of lines) {
    const [own, [prevName, prev, hashName, hash]] = [fields.slice(0, -4), fields.slice(-4)];
    if (prevName !== 'prev' || hashName !== 'hash') return broken(id, 'has no link to the line before');
    if (prev !== previous)
      return broken(id, 'does not follow the line before: lines are missing or were inserted');
    if (hash !== linkHash(previous, own)) return broken(id, 'was changed after it was written');
    previous = hash;
  }
  if (previous !== (head ?? chainStart)) return broken('end', 'lines are missing at the end');
  return { isIntact: true, lines: lines.length, head: previous };
}

function broken(line: string, reason: string): ChainCheck {
  return { isIntact: false, line, reason };
}
