import { createSecretKey, randomBytes } from 'node:crypto';
import { SignJWT } from 'jose';
import type { Environment } from '#runtime/read-config';

export interface GatewayCallers {
  /** What lets a gateway take the tokens. */
  readonly environment: Environment;
  /** Good for half an hour. */
  token(subject: string): Promise<string>;
}

/** Callers of a gateway that a row starts, known by tokens. */
export function createGatewayCallers(secret = randomBytes(32).toString('hex')): GatewayCallers {
  const access = { JWT_SECRET: secret, JWT_ISSUER: 'https://bench.invalid', JWT_AUDIENCE: 'vagent' };
  const key = createSecretKey(Buffer.from(secret));
  return {
    environment: access,
    token: (subject) =>
      new SignJWT({ role: 'user' })
        .setProtectedHeader({ alg: 'HS256' })
        .setSubject(subject)
        .setIssuer(access.JWT_ISSUER)
        .setAudience(access.JWT_AUDIENCE)
        .setIssuedAt()
        .setExpirationTime('30m')
        .sign(key),
  };
}
