import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { isPayloadKeys } from '#runtime/parse-payload-keys';
import type { Environment } from '#runtime/read-config';
import { givenRedis } from './given.ts';
import { readState, writeState } from './state-folder.ts';

const secretsFile = 'secrets.json';
const key = z.string().refine(isPayloadKeys, 'not a key of 32 bytes in base64');
const secrets = z.object({ payloadKey: key, cryptoStoreKey: key.optional() });
const makeKey = (): string => randomBytes(32).toString('base64');

/**
 * The keys under which everything in our own Redis is sealed: payloads, and what crypto devices hold. Made once, and
 * kept for this user alone. What was written before there was one stays readable. A Redis that was given to us may be
 * shared with services that we do not start: there, as where a key is set, the operator decides. An account that is an
 * access token can be one device only, and so hold no keys.
 */
export async function provideKeys(env: Environment, folder: string): Promise<Record<string, string>> {
  if (givenRedis(env) !== undefined) return {};
  const isGiven = (name: string): boolean => env[name] !== undefined || env[`${name}_FILE`] !== undefined;
  const needsPayload = !isGiven('PAYLOAD_KEY');
  const needsCrypto = !isGiven('CRYPTO_STORE_KEY') && !isGiven('MATRIX_ACCESS_TOKEN');
  if (!needsPayload && !needsCrypto) return {};
  const known = await readState(folder, secretsFile, secrets);
  const { payloadKey = makeKey(), cryptoStoreKey = makeKey() } = known ?? {};
  if (known?.cryptoStoreKey === undefined)
    await writeState(folder, secretsFile, { payloadKey, cryptoStoreKey });
  return {
    ...(needsPayload ? { PAYLOAD_KEY: payloadKey } : {}),
    ...(needsCrypto ? { CRYPTO_STORE_KEY: cryptoStoreKey } : {}),
  };
}
