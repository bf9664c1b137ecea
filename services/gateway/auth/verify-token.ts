import { z } from 'zod';
import { apiUserOf } from '#contract/api-session';
import { userId } from '#contract/matrix-ids';
import { sessionId } from '#contract/session-id';
import { role } from '../api/role.ts';
import type { Caller } from '../caller.ts';
import type { TokenSettings } from './token-settings.ts';

/** Clocks of two machines differ a little. */
const toleranceSeconds = 5;
const mostCharacters = 8_192;

const claims = z.object({
  // A user id of our own making stands for another subject: nobody may bring it along.
  sub: z
    .string()
    .min(1)
    .max(255)
    .refine((subject) => !subject.endsWith(':gateway.invalid')),
  role: role.default('user'),
  session: sessionId.optional(),
  name: z.string().max(255).optional(),
  jti: z.string().min(1).max(255).optional(),
  iat: z.int(),
  exp: z.int(),
});

/**
 * Who sent a JSON Web Token (RFC 7519): signed with the one key and algorithm of `settings`, for this audience, by this
 * issuer, in its time, and not made for longer than allowed. Undefined for anything else.
 */
export async function verifyToken(settings: TokenSettings, token: string): Promise<Caller | undefined> {
  if (token.length > mostCharacters) return undefined;
  const payload = await verifiedPayload(settings, token);
  const parsed = claims.safeParse(payload);
  if (!parsed.success) return undefined;
  const { sub, role: allowed, session = null, name, jti = null, iat, exp } = parsed.data;
  if (exp - iat > settings.maxLifetimeSeconds || exp <= iat) return undefined;
  const user = userId.safeParse(apiUserOf(sub));
  if (!user.success) return undefined;
  return {
    user: user.data,
    name: name ?? sub,
    role: allowed,
    session,
    via: 'token',
    jti,
    issuedAt: (iat - toleranceSeconds) * 1_000,
    expiresAt: exp * 1_000,
  };
}

async function verifiedPayload(settings: TokenSettings, token: string): Promise<unknown> {
  // Read when the first token comes: a console of links never needs it.
  const { errors, jwtVerify } = await import('jose');
  try {
    const { payload } = await jwtVerify(token, settings.key, {
      algorithms: [settings.algorithm],
      issuer: settings.issuer,
      audience: settings.audience,
      clockTolerance: toleranceSeconds,
      maxTokenAge: settings.maxLifetimeSeconds,
      requiredClaims: ['sub', 'iat', 'exp'],
    });
    return payload;
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined;
    throw error;
  }
}
