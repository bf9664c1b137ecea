import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { payloadSettings } from '#runtime/payload-settings';
import type { Environment } from '#runtime/read-config';
import { givenRedis } from './given.ts';
import { readState, writeState } from './state-folder.ts';

const secretsFile = 'secrets.json';
const isUsable = (key: string): boolean => payloadSettings.safeParse({ PAYLOAD_KEY: key }).success;
const secrets = z.object({ payloadKey: z.string().refine(isUsable, 'not a key of 32 bytes in base64') });

/**
 * The key under which everything in our own Redis is sealed: made once, and kept for this user alone. What was written
 * before there was one stays readable. A Redis that was given to us may be shared with services that we do not start:
 * there, as where `PAYLOAD_KEY` is set, the operator decides.
 */
export async function providePayloadKey(env: Environment, folder: string): Promise<Record<string, string>> {
  const isDecided = env['PAYLOAD_KEY'] !== undefined || env['PAYLOAD_KEY_FILE'] !== undefined;
  if (isDecided || givenRedis(env) !== undefined) return {};
  const known = await readState(folder, secretsFile, secrets);
  if (known !== undefined) return { PAYLOAD_KEY: known.payloadKey };
  const payloadKey = randomBytes(32).toString('base64');
  await writeState(folder, secretsFile, { payloadKey });
  return { PAYLOAD_KEY: payloadKey };
}
