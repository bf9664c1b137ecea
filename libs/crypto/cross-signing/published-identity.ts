import { createPublicKey, verify } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '#contract/canonical-json';
import type { MatrixClient } from '#matrix/matrix-client';
import { parseAnswer } from '#matrix/parse-answer';

const signedObject = z.looseObject({
  keys: z.record(z.string(), z.string()),
  signatures: z.record(z.string(), z.record(z.string(), z.string())).optional(),
});
type SignedObject = z.output<typeof signedObject>;

const answer = z.object({
  device_keys: z.record(z.string(), z.record(z.string(), signedObject)).default({}),
  master_keys: z.record(z.string(), signedObject).default({}),
  self_signing_keys: z.record(z.string(), signedObject).default({}),
});

export interface PublishedDevice {
  readonly deviceId: string;
  /** Its ed25519 key in base64. */
  readonly fingerprint: string | undefined;
  /** Whether the self-signing key, itself signed by the master key, has signed it. */
  readonly isSigned: boolean;
}

/** What the homeserver tells everybody about a user. */
export interface PublishedIdentity {
  /** The public master key in base64: what a person compares. Undefined where there is none. */
  readonly master: string | undefined;
  readonly devices: readonly PublishedDevice[];
}

/** The published keys of the client's own user; signatures are checked here, not believed. */
export async function readPublishedIdentity(client: MatrixClient): Promise<PublishedIdentity> {
  const path = '/_matrix/client/v3/keys/query';
  const { userId } = client;
  const body = { device_keys: { [userId]: [] } };
  const found = parseAnswer(answer, path, await client.request('POST', path, { body }));
  const master = keyOf(found.master_keys[userId]);
  const selfSigning = found.self_signing_keys[userId];
  const isVouchedFor = selfSigning !== undefined && isSignedBy(selfSigning, userId, master);
  const signer = isVouchedFor ? keyOf(selfSigning) : undefined;
  const devices = Object.entries(found.device_keys[userId] ?? {}).map(([deviceId, device]) => ({
    deviceId,
    fingerprint: device.keys[`ed25519:${deviceId}`],
    isSigned: isSignedBy(device, userId, signer),
  }));
  return { master, devices };
}

/** Of a cross-signing key, which is named by itself. */
function keyOf(object: SignedObject | undefined): string | undefined {
  return Object.values(object?.keys ?? {})[0];
}

function isSignedBy(object: SignedObject, user: string, signer: string | undefined): boolean {
  if (signer === undefined) return false;
  const signature = object.signatures?.[user]?.[`ed25519:${signer}`];
  if (signature === undefined) return false;
  const { signatures: _signatures, unsigned: _unsigned, ...signed } = object;
  try {
    const x = Buffer.from(signer, 'base64').toString('base64url');
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    return verify(null, Buffer.from(canonicalJson(signed)), key, Buffer.from(signature, 'base64'));
  } catch {
    // Not a key at all: the homeserver's answer is data, and such a signature counts for nothing.
    return false;
  }
}
