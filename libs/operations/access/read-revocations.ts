import type { Transport } from '#streams/open-transport';
import { type Revocation, revocation, revocationKind } from './revocation.ts';

/** The last moment that a Date can name. */
const always = 8.64e15;

/** The field of the hash that is no revocation: it changes with each one. */
export const revisionField = 'revision';

/** What counts at `nowMs`, the newest first. */
export async function readRevocations(
  { redis, keys }: Pick<Transport, 'redis' | 'keys'>,
  nowMs: number,
): Promise<Revocation[]> {
  return parseRevocations(await redis.hgetall(keys.revocations()), nowMs).known;
}

/**
 * The same from the fields of the hash. A record that cannot be read revokes what its field names, from now on and for
 * good. A field that names nothing known is told in `unknown`, and revokes nothing: a later release may know more kinds,
 * and its first would shut everybody out.
 */
export function parseRevocations(
  fields: Readonly<Record<string, string>>,
  nowMs: number,
): { known: Revocation[]; unknown: string[] } {
  const known: Revocation[] = [];
  const unknown: string[] = [];
  for (const [field, value] of Object.entries(fields)) {
    if (field === revisionField) continue;
    const colon = field.indexOf(':');
    const kind = revocationKind.safeParse(field.slice(0, Math.max(colon, 0)));
    const id = field.slice(colon + 1);
    if (!kind.success || id === '') {
      unknown.push(field);
      continue;
    }
    const record = revocation.safeParse(parseJson(value));
    const isItsOwn = record.success && record.data.kind === kind.data && record.data.id === id;
    known.push(isItsOwn ? record.data : unreadable(kind.data, id));
  }
  return { known: known.filter(({ until }) => until > nowMs).sort((a, b) => b.at - a.at), unknown };
}

function unreadable(kind: Revocation['kind'], id: string): Revocation {
  const because = 'its record cannot be read: revoke it again';
  return { kind, id, at: always, until: always, by: '', because };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
