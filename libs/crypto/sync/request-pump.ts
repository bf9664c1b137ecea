import {
  DeviceLists,
  type KeysClaimRequest,
  KeysUploadRequest,
  type OlmMachine,
  type OutgoingRequest,
  RequestType,
  ToDeviceRequest,
} from '@matrix-org/matrix-sdk-crypto-wasm';
import { z } from 'zod';
import { coalesce } from '#crypto/coalesce';
import type { DeviceParts } from '#crypto/device-parts';
import { DeviceForgottenError } from '#crypto/errors';
import { readDeviceKeys } from '#crypto/identity/device-keys';
import { createSerial } from '#crypto/serial';
import { toUserIds } from '#crypto/to-user-ids';
import { MatrixRequestError } from '#matrix/errors';

/** Sends what the SDK wants to be sent, and tells it the answers. */
export interface RequestPump {
  /**
   * Sends everything that was waiting when this was called.
   *
   * @throws {MatrixRequestError} where the homeserver should be asked again; what it refuses for good is dropped.
   */
  run(): Promise<void>;
  /**
   * Sends everything that waits, word of new devices among it, then claims one-time keys of those devices of the users
   * with whom there is no session.
   */
  claim(users: readonly string[], signal: AbortSignal): Promise<void>;
  /** Runs `work` while no request is on its way that this sends of itself. */
  alone<T>(work: () => Promise<T>): Promise<T>;
  /** Sends one, whose keys are stored already. */
  send(request: OutgoingRequest, signal: AbortSignal): Promise<void>;
}

/** An answer to one request can give rise to the next one; more rounds than this do not come of that. */
const maxRounds = 8;
/** After this a kind of request that the homeserver refused is tried again. */
const refusedMs = 60_000;
const otherKeysBody = z.object({ device_keys: z.unknown().optional() });

export function createRequestPump(parts: DeviceParts): RequestPump {
  const { machine, store, ended, metrics, log, userId, deviceId } = parts;
  /** One claim at a time: two at once would use up two keys of the same device, and one answer would be lost. */
  const serial = createSerial();
  const refusedUntil = new Map<RequestType, number>();

  async function send(request: OutgoingRequest, signal: AbortSignal): Promise<void> {
    const target = targetOf(request);
    if (target === undefined) return;
    if (request instanceof ToDeviceRequest && request.event_type === 'm.room_key_request') {
      metrics.keyRequests.inc();
    }
    let answer: unknown;
    try {
      // Boundary: the SDK writes its bodies as JSON objects.
      const body = JSON.parse(request.body) as object;
      answer = await parts.client.request(target.method, target.path, { body, signal });
    } catch (error) {
      if (!isRefusal(error)) throw error;
      answer = onRefusal(request, error);
      if (answer === undefined) return;
    }
    if (request.type === RequestType.KeysQuery) requireOwnKeys(answer);
    if (request.id !== undefined) {
      await machine.markRequestAsSent(request.id, request.type, JSON.stringify(answer));
    }
  }

  /** What to tell the SDK in place of an answer, so that it does not ask for the same for ever. */
  function onRefusal(request: OutgoingRequest, error: MatrixRequestError): object | undefined {
    const type = RequestType[request.type] ?? String(request.type);
    metrics.refused.inc({ type });
    log.error({ err: error, type }, 'The homeserver does not take a request of the crypto device');
    if (request.type === RequestType.ToDevice) return {};
    if (request.type === RequestType.SignatureUpload) return { failures: {} };
    if (request instanceof KeysUploadRequest && !hasDeviceKeys(request)) {
      // Its one-time keys are known there with other contents: the store came back from an older copy. They count as
      // uploaded, so that newer ones follow; /sync tells how many there really are.
      return { one_time_key_counts: { signed_curve25519: 50 } };
    }
    refusedUntil.set(request.type, performance.now() + refusedMs);
    return undefined;
  }

  function requireOwnKeys(answer: unknown): void {
    const known = readDeviceKeys(answer, userId);
    const own = known?.get(deviceId);
    if (known === undefined || !isPublished) return;
    if (own === machine.identityKeys.ed25519.toBase64()) return;
    throw new DeviceForgottenError(deviceId);
  }

  /** Until then the homeserver cannot know them. */
  let isPublished = false;

  async function round(): Promise<boolean> {
    const requests = (await machine.outgoingRequests()).filter(
      ({ type }) => (refusedUntil.get(type) ?? 0) < performance.now(),
    );
    const isUploading = requests.some(
      (request) => request instanceof KeysUploadRequest && hasDeviceKeys(request),
    );
    const claim = await nextClaim(machine, requests);
    const all = claim === undefined ? requests : [...requests, claim];
    if (all.every((request) => targetOf(request) === undefined)) {
      isPublished = true;
      return false;
    }
    // What they carry was taken from the store: keys that were made, messages that were encrypted.
    await store.flush();
    for (const request of all) await send(request, ended);
    if (isUploading) isPublished = true;
    if (all.some(({ type }) => type === RequestType.KeysQuery || type === RequestType.KeysClaim)) {
      // Who asked for keys may be known now. The SDK looks after them when it takes in news, which can be long to come.
      await machine.receiveSyncChangesMsc4186('[]', new DeviceLists(), new Map());
    }
    return true;
  }

  const run = coalesce(async () => {
    let rounds = 0;
    while (rounds < maxRounds && (await serial('requests', round))) rounds += 1;
    if (rounds > 0) await store.flush();
  });
  const claim: RequestPump['claim'] = (users, signal) =>
    serial('requests', async () => {
      // With a query on its way the SDK would wait for it, five seconds.
      for (let rounds = 0; rounds < maxRounds && (await round()); rounds += 1);
      const request = await machine.getMissingSessions(toUserIds(users));
      if (request !== null) await send(request, signal);
    });
  const alone = <T>(work: () => Promise<T>): Promise<T> => serial('requests', work);
  return { run, claim, alone, send };
}

/** For those who asked for keys and with whom there is no session yet. */
async function nextClaim(
  machine: OlmMachine,
  requests: readonly OutgoingRequest[],
): Promise<KeysClaimRequest | undefined> {
  // With a query on its way the SDK would wait for it, five seconds.
  // Of two claims it takes the answer to the second alone.
  const isAsking = ({ type }: OutgoingRequest): boolean =>
    type === RequestType.KeysQuery || type === RequestType.KeysClaim;
  if (requests.some(isAsking)) return undefined;
  return (await machine.getMissingSessions([])) ?? undefined;
}

function targetOf(request: OutgoingRequest): { method: 'POST' | 'PUT'; path: string } | undefined {
  const place = '/_matrix/client/v3';
  switch (request.type) {
    case RequestType.KeysUpload:
      return { method: 'POST', path: `${place}/keys/upload` };
    case RequestType.KeysQuery:
      return { method: 'POST', path: `${place}/keys/query` };
    case RequestType.KeysClaim:
      return { method: 'POST', path: `${place}/keys/claim` };
    case RequestType.SignatureUpload:
      return { method: 'POST', path: `${place}/keys/signatures/upload` };
    case RequestType.ToDevice: {
      if (!(request instanceof ToDeviceRequest)) return undefined;
      const { event_type: type, txn_id: txn } = request;
      const path = `${place}/sendToDevice/${encodeURIComponent(type)}/${encodeURIComponent(txn)}`;
      return { method: 'PUT', path };
    }
    default:
      // Messages in rooms (verification) and backups: not offered here.
      return undefined;
  }
}

function hasDeviceKeys(request: KeysUploadRequest): boolean {
  return otherKeysBody.parse(JSON.parse(request.body)).device_keys !== undefined;
}

/** A 4xx that will be the same next time. */
function isRefusal(error: unknown): error is MatrixRequestError {
  return error instanceof MatrixRequestError && !error.retryable && error.errcode !== 'M_UNKNOWN_TOKEN';
}
