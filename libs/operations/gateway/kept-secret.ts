import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Transport } from '#streams/open-transport';

/** What Redis knows by the SHA-256 of a secret, and what is kept beside it: whoever reads Redis learns no secret. */
export type SecretKind = 'signIn' | 'ticket' | 'consoleSession' | 'oidcSignIn';

export type SecretShelf = Pick<Transport, 'redis' | 'keys' | 'sealBody' | 'openBody'>;

const envelope = z.object({ kind: z.string(), digest: z.string(), value: z.unknown() });
/** 32 bytes in base64url. */
const form = /^[A-Za-z0-9_-]{43}$/;

/**
 * Makes a secret of 256 random bits that stands for `value` for `ttlMs`. Where bodies are sealed, so is this, together with
 * its place: an entry that was written or moved by hand opens nothing.
 */
export async function keepSecret(
  shelf: SecretShelf,
  kind: SecretKind,
  value: object,
  ttlMs: number,
): Promise<string> {
  const secret = randomBytes(32).toString('base64url');
  const digest = digestOf(secret);
  const sealed = shelf.sealBody(JSON.stringify({ kind, digest, value }));
  await shelf.redis.set(shelf.keys[kind](digest), sealed, 'PX', ttlMs);
  return secret;
}

/** What the secret stands for, once: whoever comes second gets undefined, however close behind. */
export async function takeSecret<Schema extends z.ZodType>(
  shelf: SecretShelf,
  kind: SecretKind,
  secret: string,
  schema: Schema,
): Promise<z.output<Schema> | undefined> {
  if (!form.test(secret)) return undefined;
  const digest = digestOf(secret);
  return open(shelf, kind, digest, await shelf.redis.getdel(shelf.keys[kind](digest)), schema);
}

/** What the secret stands for, which lives `ttlMs` from now. */
export async function renewSecret<Schema extends z.ZodType>(
  shelf: SecretShelf,
  kind: SecretKind,
  secret: string,
  schema: Schema,
  ttlMs: number,
): Promise<z.output<Schema> | undefined> {
  if (!form.test(secret)) return undefined;
  const digest = digestOf(secret);
  return open(shelf, kind, digest, await shelf.redis.getex(shelf.keys[kind](digest), 'PX', ttlMs), schema);
}

export async function dropSecret(shelf: SecretShelf, kind: SecretKind, secret: string): Promise<void> {
  if (form.test(secret)) await shelf.redis.del(shelf.keys[kind](digestOf(secret)));
}

function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

function open<Schema extends z.ZodType>(
  { sealBody, openBody }: SecretShelf,
  kind: SecretKind,
  digest: string,
  kept: string | null,
  schema: Schema,
): z.output<Schema> | undefined {
  if (kept === null) return undefined;
  // Text that is not sealed opens as itself, for payloads of a time without a key. These live for days at most.
  const isSealing = sealBody('') !== '';
  if (isSealing && !kept.startsWith('enc1.')) return undefined;
  try {
    const { value, ...place } = envelope.parse(JSON.parse(openBody(kept)));
    const parsed = schema.safeParse(value);
    return place.kind === kind && place.digest === digest && parsed.success ? parsed.data : undefined;
  } catch {
    // Changed or sealed under a key that is gone: as if it were not there.
    return undefined;
  }
}
