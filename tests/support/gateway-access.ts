import { createSecretKey } from 'node:crypto';
import { SignJWT } from 'jose';
import type { Role } from '../../services/gateway/api/role.ts';

export const gatewaySecret = 'a secret of thirty-two bytes or more';

/** How the gateways of tests are reached: by tokens of this issuer, and by links. */
export const gatewayAccess = {
  JWT_SECRET: gatewaySecret,
  JWT_ISSUER: 'https://issuer.test',
  JWT_AUDIENCE: 'vagent',
  CONSOLE_LINKS: 'on',
} as const;

/** Good for five minutes. Claims are added to, or replace, what a good token has; undefined leaves one out. */
export function signToken(
  user: string,
  role: Role,
  claims: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const now = Math.floor(Date.now() / 1_000);
  const { JWT_ISSUER: iss, JWT_AUDIENCE: aud } = gatewayAccess;
  const payload = { sub: user, role, iss, aud, iat: now, exp: now + 300, ...claims };
  return new SignJWT(payload)
    .setProtectedHeader({ alg: 'HS256' })
    .sign(createSecretKey(Buffer.from(gatewaySecret)));
}
