import { KeysUploadRequest, type OlmMachine } from '@matrix-org/matrix-sdk-crypto-wasm';
import { z } from 'zod';
import type { MatrixClient } from '#matrix/matrix-client';
import { readDeviceKeys } from './device-keys.ts';

export type IdentityFit =
  /** The homeserver has the keys that are here, or none yet and will get them. */
  | 'fits'
  /** The homeserver lost the device and its keys: nobody can be told of those here any more. */
  | 'forgotten'
  /** The homeserver has keys of this device that are not here. */
  | 'other';

const uploadBody = z.object({ device_keys: z.unknown().optional() });

/** Compares the keys of the machine with those that the homeserver gives out for its device. */
export async function compareIdentity(machine: OlmMachine, client: MatrixClient): Promise<IdentityFit> {
  const [userId, deviceId] = [machine.userId.toString(), machine.deviceId.toString()];
  const body = { device_keys: { [userId]: [] } };
  const answer = await client.request('POST', '/_matrix/client/v3/keys/query', { body });
  const known = readDeviceKeys(answer, userId)?.get(deviceId);
  if (known === machine.identityKeys.ed25519.toBase64()) return 'fits';
  if (known !== undefined) return 'other';
  return (await isToBeUploaded(machine)) ? 'fits' : 'forgotten';
}

async function isToBeUploaded(machine: OlmMachine): Promise<boolean> {
  return (await machine.outgoingRequests()).some(
    (request) =>
      request instanceof KeysUploadRequest &&
      uploadBody.parse(JSON.parse(request.body)).device_keys !== undefined,
  );
}
