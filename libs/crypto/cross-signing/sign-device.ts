import { type OlmMachine, RequestType } from '@matrix-org/matrix-sdk-crypto-wasm';
import type { MatrixClient } from '#matrix/matrix-client';
import { publicKeyOf } from './cross-signing-keys.ts';
import { readPublishedIdentity } from './published-identity.ts';
import type { SavedKeys } from './saved-keys.ts';

export type DeviceSigning =
  /** Everybody can see now that the device belongs to its user. */
  | 'signed'
  | 'was signed'
  /** There are no keys to sign with: `vagent crypto init` makes them. */
  | 'no keys'
  /** The kept keys are not those that the homeserver publishes: `vagent crypto init --restore` or `--reset`. */
  | 'other keys';

export interface SignDeviceDeps {
  readonly machine: OlmMachine;
  /** Of the same user; any of its devices. */
  readonly client: MatrixClient;
  readonly saved: SavedKeys;
}

/**
 * Signs the machine's own device with its user's cross-signing keys, once its keys are uploaded. Harmless to repeat.
 * Clients that refuse unsigned devices (MSC4153) take what it encrypts afterwards.
 */
export async function signDevice({ machine, client, saved }: SignDeviceDeps): Promise<DeviceSigning> {
  const keys = await saved.load();
  if (keys === undefined) return 'no keys';
  const published = await readPublishedIdentity(client);
  if (published.master !== publicKeyOf(keys.master)) return 'other keys';
  await learnOwnKeys(machine, client);
  // Not from the homeserver's answer: a device of this name whose keys are not ours must not count as ours.
  if (await isOwnDeviceSigned(machine)) return 'was signed';
  const status = await machine.importCrossSigningKeys(keys.master, keys.selfSigning, keys.userSigning);
  if (!status.hasSelfSigning) return 'other keys';
  const device = await machine.getDevice(machine.userId, machine.deviceId);
  if (device === undefined) throw new Error(`The device ${machine.deviceId} does not know itself`);
  // What the SDK hands out holds on to the store, which cannot be closed before it is freed.
  const request = await device.verify().finally(() => device.free());
  const path = '/_matrix/client/v3/keys/signatures/upload';
  await client.request('POST', path, { body: JSON.parse(request.body) as object });
  await learnOwnKeys(machine, client);
  return (await isOwnDeviceSigned(machine)) ? 'signed' : 'other keys';
}

async function isOwnDeviceSigned(machine: OlmMachine): Promise<boolean> {
  const device = await machine.getDevice(machine.userId, machine.deviceId);
  const isSigned = device?.isCrossSignedByOwner() === true;
  device?.free();
  return isSigned;
}

async function learnOwnKeys(machine: OlmMachine, client: MatrixClient): Promise<void> {
  const request = machine.queryKeysForUsers([machine.userId]);
  const body = JSON.parse(request.body) as object;
  const answer = await client.request('POST', '/_matrix/client/v3/keys/query', { body });
  await machine.markRequestAsSent(request.id, RequestType.KeysQuery, JSON.stringify(answer));
}
