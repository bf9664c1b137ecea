import { z } from 'zod';
import { dropSecret, keepSecret, renewSecret, type SecretShelf } from '#operations/gateway/kept-secret';
import { type SignIn, signIn } from '#operations/gateway/sign-in-code';
import type { Transport } from '#streams/open-transport';
import { redisNow } from '#streams/redis-now';
import type { Caller } from '../caller.ts';

const hourMs = 3_600_000;
/** A console that nobody uses for this long is signed out. */
export const idleMs = 12 * hourMs;
/** And every one after this long: roles change, laptops get lost. */
const longestMs = 7 * 24 * hourMs;

const consoleSession = signIn.extend({ endsAt: z.number() });

export type ConsoleShelf = SecretShelf & Pick<Transport, 'redis'>;

/** Signs somebody in. Resolves with the secret that the cookie carries. */
export async function createConsoleSession(shelf: ConsoleShelf, who: SignIn): Promise<string> {
  const endsAt = (await redisNow(shelf.redis)) + longestMs;
  return keepSecret(shelf, 'consoleSession', { ...who, endsAt }, idleMs);
}

/** Who is signed in under this secret, and from now on for as long as before. Undefined where nobody is, any more. */
export async function readConsoleSession(shelf: ConsoleShelf, secret: string): Promise<Caller | undefined> {
  const [found, now] = await Promise.all([
    renewSecret(shelf, 'consoleSession', secret, consoleSession, idleMs),
    redisNow(shelf.redis),
  ]);
  if (found === undefined) return undefined;
  const { user, name, role, endsAt } = found;
  if (endsAt <= now) {
    await dropSecret(shelf, 'consoleSession', secret);
    return undefined;
  }
  const times = { issuedAt: endsAt - longestMs, expiresAt: Math.min(endsAt, now + idleMs) };
  return { user, name, role, session: null, via: 'console', jti: null, ...times };
}

export function endConsoleSession(shelf: ConsoleShelf, secret: string): Promise<void> {
  return dropSecret(shelf, 'consoleSession', secret);
}
