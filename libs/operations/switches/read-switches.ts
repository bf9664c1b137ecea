import type { Transport } from '#streams/open-transport';
import { redisErrorCode } from '#streams/script';
import { type SwitchedOff, switchedOff, switchScope } from './switch.ts';
import { fieldOf } from './switch-field.ts';

/** When something was switched that nobody can read any more. */
const unknownAt = new Date(0).toISOString();

/**
 * What is off now, by scope and name. Never less than was meant: a record that cannot be read is off all the same, and
 * where it cannot even be told what it speaks of, everything is off. Its `by` is empty, and `because` says so.
 */
export async function readSwitches({
  redis,
  keys,
}: Pick<Transport, 'redis' | 'keys'>): Promise<SwitchedOff[]> {
  try {
    return parseSwitches(await redis.hgetall(keys.switches()));
  } catch (error) {
    if (redisErrorCode(error) !== 'WRONGTYPE') throw error;
    return [unreadable('all', '*', `the key ${keys.switches()} is not a hash: delete it`)];
  }
}

/** The same from the fields of the hash. */
export function parseSwitches(fields: Readonly<Record<string, string>>): SwitchedOff[] {
  return Object.entries(fields)
    .map(([field, value]) => parseSwitch(field, value))
    .sort((a, b) => (fieldOf(a.scope, a.name) < fieldOf(b.scope, b.name) ? -1 : 1));
}

function parseSwitch(field: string, value: string): SwitchedOff {
  const colon = field.indexOf(':');
  const scope = switchScope.safeParse(field.slice(0, Math.max(colon, 0)));
  const name = field.slice(colon + 1);
  const isKnown =
    scope.success && name !== '' && name.length <= 255 && (scope.data !== 'all' || name === '*');
  if (!isKnown) {
    return unreadable('all', '*', 'a record speaks of nothing known: switch everything on again');
  }
  const record = switchedOff.safeParse(parseJson(value));
  const isItsOwn = record.success && record.data.scope === scope.data && record.data.name === name;
  return isItsOwn ? record.data : unreadable(scope.data, name, 'its record cannot be read');
}

function unreadable(scope: SwitchedOff['scope'], name: string, because: string): SwitchedOff {
  return { scope, name, by: '', because, at: unknownAt };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
