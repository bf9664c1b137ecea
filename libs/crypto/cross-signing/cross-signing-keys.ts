import { createPrivateKey, createPublicKey, randomBytes, sign } from 'node:crypto';
import { canonicalJson } from '#contract/canonical-json';

/** The private cross-signing keys of a user: seeds of ed25519 keys, in unpadded base64. */
export interface CrossSigningKeys {
  readonly master: string;
  readonly selfSigning: string;
  readonly userSigning: string;
}

/** A public key as `/keys/device_signing/upload` takes it. */
export interface SigningKeyObject {
  readonly user_id: string;
  readonly usage: readonly string[];
  readonly keys: Readonly<Record<string, string>>;
  readonly signatures?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface PublicKeys {
  readonly master_key: SigningKeyObject;
  readonly self_signing_key: SigningKeyObject;
  readonly user_signing_key: SigningKeyObject;
}

export const unpadded = (bytes: Uint8Array): string =>
  Buffer.from(bytes).toString('base64').replace(/=+$/, '');

export function newCrossSigningKeys(): CrossSigningKeys {
  const seed = (): string => unpadded(randomBytes(32));
  return { master: seed(), selfSigning: seed(), userSigning: seed() };
}

/** The public key of a seed, in unpadded base64: of the master key, what a person compares. */
export function publicKeyOf(seed: string): string {
  const jwk = createPublicKey(privateKeyOf(seed)).export({ format: 'jwk' });
  return unpadded(Buffer.from(jwk.x ?? '', 'base64url'));
}

/**
 * The public halves, signed by the master key (client-server API, "Cross-signing"). The same keys give the same bytes
 * each time, so that an upload may be repeated.
 */
export function publicKeysOf(user: string, keys: CrossSigningKeys): PublicKeys {
  const signed = (usage: string, seed: string): SigningKeyObject => {
    const body = keyObject(user, usage, publicKeyOf(seed));
    const signature = unpadded(sign(null, Buffer.from(canonicalJson(body)), privateKeyOf(keys.master)));
    return { ...body, signatures: { [user]: { [`ed25519:${publicKeyOf(keys.master)}`]: signature } } };
  };
  return {
    master_key: keyObject(user, 'master', publicKeyOf(keys.master)),
    self_signing_key: signed('self_signing', keys.selfSigning),
    user_signing_key: signed('user_signing', keys.userSigning),
  };
}

function keyObject(user: string, usage: string, key: string): SigningKeyObject {
  return { user_id: user, usage: [usage], keys: { [`ed25519:${key}`]: key } };
}

/** RFC 8410: the DER around the 32 bytes of a private ed25519 key is always the same. */
const derPrefix = Buffer.from('302e020100300506032b657004220420', 'hex');

function privateKeyOf(seed: string) {
  const key = Buffer.concat([derPrefix, Buffer.from(seed, 'base64')]);
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' });
}
