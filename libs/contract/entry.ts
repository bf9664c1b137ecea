import { z } from 'zod';
import { type Body, bodies, type EntryType } from './bodies.ts';
import { sessionId } from './session-id.ts';

export const contractVersion = '1';

/** The flat fields of an entry, in the order in which they are written. */
export const envelope = z.object({
  v: z.literal(contractVersion),
  type: z.string().min(1).max(64),
  /** The fact's stable id, and its dedupe key. */
  id: z.string().min(1).max(512),
  session: sessionId,
  /** On outputs: the id of the inbound fact that caused it. */
  turn: z.string().min(1).max(512).optional(),
  at: z.iso.datetime(),
  /** W3C traceparent. */
  trace: z.string().max(64).optional(),
  body: z.string(),
  /** With `PAYLOAD_KEY`, of all other fields: see `createSignatures`. */
  sig: z.string().max(128).optional(),
});

/** Name of what `openBody` throws when it does not have the key that a body was sealed with. */
const missingKeyError = 'PayloadKeyError';

export interface EntryOf<T extends EntryType> {
  readonly type: T;
  readonly id: string;
  readonly session: string;
  readonly turn?: string | undefined;
  readonly at: string;
  readonly trace?: string | undefined;
  readonly body: Body<T>;
}

/** An entry of any type: a union that `type` discriminates. */
export type Entry = { [T in EntryType]: EntryOf<T> }[EntryType];

export type Decoded =
  | { readonly ok: true; readonly entry: Entry }
  /** Written by a newer version of vagent, or under a key that is not ours: left for another consumer. */
  | { readonly ok: false; readonly problem: 'unknown'; readonly reason: string }
  /** Not written by vagent, or changed since. */
  | { readonly ok: false; readonly problem: 'forged'; readonly reason: string }
  /** Nobody will ever read it. */
  | { readonly ok: false; readonly problem: 'unreadable'; readonly reason: string };

/** The stored form: field, value, field, value …; the body passes through `sealBody` (encryption at rest). */
export function encodeEntry(entry: Entry, sealBody: (json: string) => string = (json) => json): string[] {
  const fields = ['v', contractVersion, 'type', entry.type, 'id', entry.id, 'session', entry.session];
  if (entry.turn !== undefined) fields.push('turn', entry.turn);
  fields.push('at', entry.at);
  if (entry.trace !== undefined) fields.push('trace', entry.trace);
  fields.push('body', sealBody(JSON.stringify(entry.body)));
  return fields;
}

/**
 * Reads the stored form. Never throws: what cannot be read is told with its reason. Unknown fields, in the
 * envelope and in bodies, are ignored.
 */
export function decodeEntry(
  fields: readonly string[],
  openBody = (sealed: string): string => sealed,
): Decoded {
  const flat = new Map<string, string>();
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const name = fields[i] ?? '';
    if (flat.has(name)) return unreadable(`field "${name}" occurs twice`);
    flat.set(name, fields[i + 1] ?? '');
  }
  const version = flat.get('v');
  if (version !== undefined && version !== contractVersion && /^[0-9]+$/.test(version)) {
    return {
      ok: false,
      problem: 'unknown',
      reason: `contract version ${version}, this is ${contractVersion}`,
    };
  }
  const parsed = envelope.safeParse(Object.fromEntries(flat));
  if (!parsed.success) return unreadable(describe(parsed.error));
  return decodeBody(parsed.data, openBody);
}

function decodeBody(fields: z.infer<typeof envelope>, openBody: (sealed: string) => string): Decoded {
  if (!Object.hasOwn(bodies, fields.type)) {
    return { ok: false, problem: 'unknown', reason: `type "${fields.type}"` };
  }
  let opened: string;
  try {
    opened = openBody(fields.body);
  } catch (error) {
    const reason = `body: ${error instanceof Error ? error.message : String(error)}`;
    // Somebody else has the key, or we will after a restart: the entry is as good as ever.
    const isForOthers = error instanceof Error && error.name === missingKeyError;
    return isForOthers ? { ok: false, problem: 'unknown', reason } : unreadable(reason);
  }
  let json: unknown;
  try {
    json = JSON.parse(opened);
  } catch {
    // The parser's own words would quote what somebody wrote.
    return unreadable('body: is not JSON');
  }
  // The own-property test above is what makes `type` a key of `bodies`.
  const body = bodies[fields.type as EntryType].safeParse(json);
  if (!body.success) return unreadable(`body of ${fields.type}: ${describe(body.error)}`);
  const { v: _, sig: __, ...rest } = fields;
  // Type and body were checked against each other just now; TypeScript cannot join the two.
  return { ok: true, entry: { ...rest, body: body.data } as Entry };
}

function unreadable(reason: string): Decoded {
  return { ok: false, problem: 'unreadable', reason };
}

function describe(error: z.ZodError): string {
  return error.issues
    .slice(0, 5)
    .map((issue) => `${issue.path.join('.') || 'value'}: ${issue.message}`)
    .join('; ');
}
