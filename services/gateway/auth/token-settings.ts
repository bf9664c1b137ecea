import type { KeyObject } from 'node:crypto';
import { createSecretKey } from 'node:crypto';
import { z } from 'zod';
import { setting } from '#runtime/setting';
import { readPublicKey, type TokenAlgorithm } from './read-public-key.ts';

export interface TokenSettings {
  readonly key: KeyObject;
  /** The only one that is accepted: the key says it, never the token. */
  readonly algorithm: TokenAlgorithm;
  readonly issuer: string;
  readonly audience: string;
  readonly maxLifetimeSeconds: number;
}

const fields = z.object({
  JWT_SECRET: setting
    .secret('a secret of at least 32 bytes', (text) => Buffer.byteLength(text) >= 32, {
      isBlankRefused: true,
    })
    .optional(),
  JWT_PUBLIC_KEY: setting
    .secret(
      'a public key as PEM or JWK: Ed25519, P-256, or RSA of at least 2048 bits',
      (text) => readPublicKey(text) !== undefined,
      { isBlankRefused: true },
    )
    .optional(),
  JWT_ISSUER: setting.text('who issues the tokens, as in their claim iss').optional(),
  JWT_AUDIENCE: setting.text('the name of this gateway in the claim aud of tokens').optional(),
  JWT_MAX_LIFETIME_MINUTES: setting.integer({ min: 1, max: 1_440 }).default(60),
});

/** What tokens are verified with; undefined where none are accepted. */
export const tokenSettings = fields.transform((values, context): TokenSettings | undefined => {
  const {
    JWT_SECRET: secret,
    JWT_PUBLIC_KEY: publicKey,
    JWT_ISSUER: issuer,
    JWT_AUDIENCE: audience,
  } = values;
  const refuse = (name: keyof typeof values, message: string, remedy: string): void => {
    context.addIssue({ code: 'custom', path: [name], message, params: { remedy } });
  };
  const read = publicKey === undefined ? undefined : readPublicKey(publicKey);
  const key = read ?? (secret === undefined ? undefined : ownSecret(secret));
  if (secret !== undefined && publicKey !== undefined)
    refuse('JWT_SECRET', 'is set together with JWT_PUBLIC_KEY', 'Keep the one that tokens are signed with');
  if (key === undefined) {
    const orphan = issuer !== undefined ? 'JWT_ISSUER' : audience !== undefined ? 'JWT_AUDIENCE' : undefined;
    const remedy = `Set JWT_SECRET or JWT_PUBLIC_KEY, or unset ${orphan}`;
    if (orphan !== undefined) refuse(orphan, 'is set without a key', remedy);
    return undefined;
  }
  if (issuer === undefined)
    refuse('JWT_ISSUER', 'is missing', 'Set it to who issues the tokens, as in their claim iss');
  if (audience === undefined)
    refuse('JWT_AUDIENCE', 'is missing', 'Set it to the name of this gateway in the claim aud of tokens');
  const maxLifetimeSeconds = values.JWT_MAX_LIFETIME_MINUTES * 60;
  return { ...key, issuer: issuer ?? '', audience: audience ?? '', maxLifetimeSeconds };
});

function ownSecret(secret: string): Pick<TokenSettings, 'key' | 'algorithm'> {
  return { key: createSecretKey(Buffer.from(secret)), algorithm: 'HS256' };
}
