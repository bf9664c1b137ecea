import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { MatrixRequestError } from '#matrix/errors';
import type { MatrixClient } from '#matrix/matrix-client';
import { CrossSigningError } from '../errors.ts';
import { type CrossSigningKeys, unpadded } from './cross-signing-keys.ts';
import { readRecoveryKey, writeRecoveryKey } from './recovery-key.ts';
import { describeKey, isKeyDescribedBy, openSecret, sealSecret } from './secret-cipher.ts';

const algorithm = 'm.secret_storage.v1.aes-hmac-sha2';
const defaultKeyType = 'm.secret_storage.default_key';
const defaultKey = z.object({ key: z.string().regex(/^[\w+/=-]{1,64}$/) });
const keyDescription = z.object({ algorithm: z.literal(algorithm), iv: z.string(), mac: z.string() });
const secretContent = z.object({
  encrypted: z.record(z.string(), z.object({ iv: z.string(), ciphertext: z.string(), mac: z.string() })),
});
const seed = z.string().regex(/^[A-Za-z0-9+/]{43}=?$/);

/** The types of account data in which clients look for the private keys. */
const secretTypes = {
  master: 'm.cross_signing.master',
  selfSigning: 'm.cross_signing.self_signing',
  userSigning: 'm.cross_signing.user_signing',
} as const;
const secretNames = ['master', 'selfSigning', 'userSigning'] as const;

/**
 * Puts the private keys into the account's secret storage under a fresh recovery key, which becomes the default
 * one: with it a person verifies the account in Element, and {@link openSecrets} brings the keys back.
 *
 * @returns the recovery key as people write it down. It is kept nowhere.
 */
export async function storeSecrets(client: MatrixClient, keys: CrossSigningKeys): Promise<string> {
  const key = randomBytes(32);
  const id = unpadded(randomBytes(24)).replaceAll(/[+/]/g, 'A');
  const description = { algorithm, name: 'vagent', ...describeKey(key) };
  await put(client, `m.secret_storage.key.${id}`, description);
  for (const name of secretNames) {
    const type = secretTypes[name];
    await put(client, type, { encrypted: { [id]: sealSecret(key, type, keys[name]) } });
  }
  // Last: clients take the default key for whole.
  await put(client, defaultKeyType, { key: id });
  return writeRecoveryKey(key);
}

/** Whether the account has a secret storage, whoever made it. */
export async function hasSecretStorage(client: MatrixClient): Promise<boolean> {
  return (await get(client, defaultKeyType, defaultKey)) !== undefined;
}

/** Whether the private keys are in it, to be brought back with the recovery key. */
export async function hasStoredSecrets(client: MatrixClient): Promise<boolean> {
  const chosen = await get(client, defaultKeyType, defaultKey);
  if (chosen === undefined) return false;
  const found = await Promise.all(Object.values(secretTypes).map((type) => get(client, type, secretContent)));
  return found.every((secret) => secret?.encrypted[chosen.key] !== undefined);
}

/**
 * The private keys out of the account's secret storage.
 *
 * @throws {CrossSigningError} where the recovery key is not the right one, or the storage does not hold them.
 */
export async function openSecrets(client: MatrixClient, recoveryKey: string): Promise<CrossSigningKeys> {
  const read = readRecoveryKey(recoveryKey);
  if (!read.ok) throw new CrossSigningError(`This is not a recovery key: ${read.reason}`);
  const chosen = await get(client, defaultKeyType, defaultKey);
  const described =
    chosen === undefined
      ? undefined
      : await get(client, `m.secret_storage.key.${chosen.key}`, keyDescription);
  if (chosen === undefined || described === undefined)
    throw new CrossSigningError(
      `The account of ${client.userId} has no secret storage: nothing can be brought back from it`,
    );
  if (!isKeyDescribedBy(read.key, described))
    throw new CrossSigningError(
      `This recovery key is whole, but it is not the one of ${client.userId}: it is of another account, or was replaced by a newer one`,
    );
  const open = async (name: (typeof secretNames)[number]): Promise<string> => {
    const type = secretTypes[name];
    const sealed = (await get(client, type, secretContent))?.encrypted[chosen.key];
    const opened = seed.safeParse(sealed === undefined ? undefined : openSecret(read.key, type, sealed));
    if (opened.success) return opened.data.replace('=', '');
    throw new CrossSigningError(`The secret storage of ${client.userId} holds no usable ${type}`);
  };
  return {
    master: await open('master'),
    selfSigning: await open('selfSigning'),
    userSigning: await open('userSigning'),
  };
}

async function put(client: MatrixClient, type: string, body: object): Promise<void> {
  await client.request('PUT', pathOf(client, type), { body });
}

/** Undefined where it is not there, or has another shape. */
async function get<Schema extends z.ZodType>(
  client: MatrixClient,
  type: string,
  schema: Schema,
): Promise<z.output<Schema> | undefined> {
  try {
    return schema.safeParse(await client.request('GET', pathOf(client, type))).data;
  } catch (error) {
    if (error instanceof MatrixRequestError && error.errcode === 'M_NOT_FOUND') return undefined;
    throw error;
  }
}

function pathOf({ userId }: MatrixClient, type: string): string {
  return `/_matrix/client/v3/user/${encodeURIComponent(userId)}/account_data/${encodeURIComponent(type)}`;
}
