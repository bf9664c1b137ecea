import {
  type DecryptedRoomEvent,
  DecryptionErrorCode,
  DecryptionSettings,
  MegolmDecryptionError,
  RoomId,
  ShieldStateCode,
  TrustRequirement,
} from '@matrix-org/matrix-sdk-crypto-wasm';
import { z } from 'zod';
import type { Decrypted } from '#crypto/crypto-device';
import type { DeviceParts } from '#crypto/device-parts';
import { roomKeyPlace } from '#crypto/store/rotated-away';
import { today } from '#crypto/store/seen-sessions';
import { megolmIndex } from './megolm-index.ts';

const content = z.record(z.string(), z.unknown());
const encryptedEvent = z.object({
  type: z.literal('m.room.encrypted'),
  event_id: z.string().min(1),
  sender: z.string().min(1),
  room_id: z.string().optional(),
  content,
});
const clearEvent = z.object({ type: z.string().min(1), content, room_id: z.string().optional() });

/** The sender has said that this device will never get the key (client-server API, "m.room_key.withheld"). */
const withheldForGood = new Set(['m.blacklisted', 'm.unverified', 'm.unauthorised', 'm.history_not_shared']);
/** Reads an encrypted event of a room (client-server API, "m.megolm.v1.aes-sha2"); see {@link Decrypted}. */
export async function decryptEvent(
  { machine, store }: Pick<DeviceParts, 'machine' | 'store'>,
  event: unknown,
  room: string,
): Promise<Decrypted> {
  const parsed = encryptedEvent.safeParse(event);
  if (!parsed.success) return never('the event is malformed');
  const { event_id: id, room_id: claimedRoom = room, content: outside } = parsed.data;
  if (claimedRoom !== room) return never('the event names another room');
  if (outside['algorithm'] !== 'm.megolm.v1.aes-sha2') return never('its algorithm is not supported');
  const settings = new DecryptionSettings(TrustRequirement.Untrusted);
  let decrypted: DecryptedRoomEvent;
  try {
    decrypted = await machine.decryptRoomEvent(JSON.stringify(event), new RoomId(room), settings);
  } catch (error) {
    if (error instanceof MegolmDecryptionError) return toFailure(error);
    throw error;
  }
  // Not strict: whether we have verified the person does not matter here.
  const shield = decrypted.shieldState(false).code;
  if (shield === ShieldStateCode.MismatchedSender)
    return never('its key belongs to somebody else than its sender');
  const { session_id: session, ciphertext } = outside;
  const index = megolmIndex(ciphertext);
  if (index === undefined || typeof session !== 'string') return never('its ciphertext is malformed');
  if (!(await store.used.claim(session, index, id))) return never('it was sent before, as another event');
  await store.seen.note([roomKeyPlace(room, session)], today());
  // Before anybody acts on it.
  await store.flush();
  const clear = clearEvent.safeParse(JSON.parse(decrypted.event));
  if (!clear.success) return never('what is inside is malformed');
  if (clear.data.room_id !== undefined && clear.data.room_id !== room)
    return never('it was made for another room');
  return {
    ok: true,
    type: clear.data.type,
    content: withOutsideRelation(clear.data.content, outside),
    isSigned: shield === undefined,
  };
}

/** Servers go by the relation that they can read; what stands inside would let two readers see two threads. */
function withOutsideRelation(
  inside: Readonly<Record<string, unknown>>,
  outside: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const { 'm.relates_to': _, ...rest } = inside;
  const relation = outside['m.relates_to'];
  return relation === undefined ? rest : { ...rest, 'm.relates_to': relation };
}

function toFailure({ code, description, withheldCode }: MegolmDecryptionError): Decrypted {
  switch (code) {
    case DecryptionErrorCode.MissingRoomKey:
    case DecryptionErrorCode.UnknownMessageIndex: {
      if (withheldCode === undefined) return { ok: false, isLate: true, reason: 'its key has not come' };
      const reason = `its key is withheld (${withheldCode.slice(0, 64)})`;
      return { ok: false, isLate: !withheldForGood.has(withheldCode), reason };
    }
    case DecryptionErrorCode.MismatchedIdentityKeys:
    case DecryptionErrorCode.MismatchedSender:
      return never('its key belongs to somebody else than its sender');
    case DecryptionErrorCode.UnknownSenderDevice:
    case DecryptionErrorCode.UnsignedSenderDevice:
    case DecryptionErrorCode.SenderIdentityVerificationViolation:
      return never('the device that sent it is not trusted');
    default:
      return never(`it cannot be decrypted: ${description.slice(0, 200)}`);
  }
}

function never(reason: string): Decrypted {
  return { ok: false, isLate: false, reason };
}
