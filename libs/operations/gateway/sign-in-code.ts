import { z } from 'zod';
import { userId } from '#contract/matrix-ids';
import { keepSecret, type SecretShelf, takeSecret } from './kept-secret.ts';

/** The roles of the gateway, `services/gateway/api/role.ts`, that may sign in to the console. */
const signInRole = z.enum(['user', 'viewer', 'reviewer', 'operator']);

/** Who signs in by a code: what the console session begins with. */
export const signIn = z.object({ user: userId, name: z.string().max(255), role: signInRole });
export type SignIn = z.infer<typeof signIn>;

const tenMinutesMs = 600_000;

/**
 * A single-use code for the console, good for ten minutes. Whoever may write to Redis may make one: it proves as much as
 * that access does.
 */
export function createSignInCode(shelf: SecretShelf, who: SignIn, ttlMs = tenMinutesMs): Promise<string> {
  return keepSecret(shelf, 'signIn', signIn.parse(who), ttlMs);
}

/** Whom the code lets in; undefined where it is wrong, over, or was used. */
export function takeSignInCode(shelf: SecretShelf, code: string): Promise<SignIn | undefined> {
  return takeSecret(shelf, 'signIn', code, signIn);
}

/** The link that a person opens. The code is in the fragment, which browsers send to nobody. */
export function signInLink(gatewayUrl: string, code: string): string {
  return `${gatewayUrl.replace(/\/+$/, '')}/#sign-in=${code}`;
}
