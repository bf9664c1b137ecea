import { z } from 'zod';
import { userId } from '#contract/matrix-ids';
import { sessionId } from '#contract/session-id';
import { keepSecret, type SecretShelf, takeSecret } from '#operations/gateway/kept-secret';
import { role } from '../api/role.ts';
import type { Caller } from '../caller.ts';

export const ticketSeconds = 30;

const ticketHolder = z.object({
  user: userId,
  name: z.string(),
  role,
  session: sessionId.nullable(),
  // Gateways of a release before leave these out: whoever is revoked then stays out.
  jti: z.string().nullable().default(null),
  issuedAt: z.number().default(0),
  expiresAt: z.number(),
});

/** A secret that opens one socket within 30 s, as this caller. */
export function createTicket(shelf: SecretShelf, caller: Caller): Promise<string> {
  return keepSecret(shelf, 'ticket', ticketHolder.parse(caller), ticketSeconds * 1_000);
}

/** Whose ticket it is, once. */
export async function takeTicket(shelf: SecretShelf, ticket: string): Promise<Caller | undefined> {
  const holder = await takeSecret(shelf, 'ticket', ticket, ticketHolder);
  return holder === undefined ? undefined : { ...holder, via: 'ticket' };
}
