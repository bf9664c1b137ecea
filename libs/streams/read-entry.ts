import type { StreamName } from '#contract/bodies';
import { type Decoded, decodeEntry } from '#contract/entry';
import type { Keys } from '#contract/keys';
import type { Signatures } from '#contract/signature';

export interface ReadEntryDeps {
  readonly keys: Keys;
  readonly openBody: (sealed: string) => string;
  /** Undefined where nothing is signed: without a key. */
  readonly signatures?: Signatures | undefined;
}

/**
 * Reads an entry of a stream: first whether it is ours, then what it says. Never throws. The only way to an entry for
 * everybody who acts on what it says, or shows it.
 */
export function readEntry(
  { keys, openBody, signatures }: ReadEntryDeps,
  partition: number,
  stream: StreamName,
  fields: readonly string[],
): Decoded {
  const checked = signatures?.check(keys.stream(partition, stream), fields) ?? { ok: true };
  return checked.ok ? decodeEntry(fields, openBody) : checked;
}
