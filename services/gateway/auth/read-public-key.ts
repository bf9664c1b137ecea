import { createPublicKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';

export type TokenAlgorithm = 'HS256' | 'EdDSA' | 'ES256' | 'RS256';

/** `d` is the private part of every kind of JWK, `k` that of a shared secret. */
const publicJwk = z.looseObject({ kty: z.string() }).refine((jwk) => !('d' in jwk || 'k' in jwk));

/**
 * A public key as PEM or JWK, with the one algorithm that its type allows. Undefined for anything else, private keys
 * among it: who has put one here has it in the wrong place.
 */
export function readPublicKey(text: string): { key: KeyObject; algorithm: TokenAlgorithm } | undefined {
  try {
    const key = text.trimStart().startsWith('{') ? fromJwk(text) : fromPem(text);
    const algorithm = key === undefined ? undefined : algorithmOf(key);
    return key === undefined || algorithm === undefined ? undefined : { key, algorithm };
  } catch {
    // Neither parser says more than that it is none.
    return undefined;
  }
}

function fromJwk(text: string): KeyObject | undefined {
  const jwk = publicJwk.safeParse(JSON.parse(text));
  return jwk.success ? createPublicKey({ key: { ...jwk.data }, format: 'jwk' }) : undefined;
}

function fromPem(text: string): KeyObject | undefined {
  // In a variable of one line the breaks are often written as \n.
  const pem = text.replaceAll('\\n', '\n');
  return pem.includes('PRIVATE KEY') ? undefined : createPublicKey(pem);
}

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): TokenAlgorithm | undefined {
  if (asymmetricKeyType === 'ed25519') return 'EdDSA';
  if (asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === 'prime256v1') return 'ES256';
  const isStrong = (asymmetricKeyDetails?.modulusLength ?? 0) >= 2_048;
  return asymmetricKeyType === 'rsa' && isStrong ? 'RS256' : undefined;
}
