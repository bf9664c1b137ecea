import type { CryptoDevice, CryptoSlot } from '#crypto/crypto-device';
import { DeviceForgottenError, DeviceLostError, NoDeviceError } from '#crypto/errors';
import { fitEncrypted } from '#crypto/fit-encrypted';
import type { OutgoingEvent } from '#matrix/send-event';
import { SendLaterError } from '../errors.ts';

/**
 * Says, on the outside of an event in an encrypted room, which send it is: the transaction id, which the homeserver
 * knows anyway. Homeservers forget those, and the inside can be read by nobody who sent it.
 */
export const sendMark = 'dev.vagent.send';

/** A device that is held has what waited for it within moments. */
const catchUpMs = 2_000;
const deviceLaterMs = 1_000;
const encryptMs = 60_000;

/**
 * The event as it goes into an encrypted room.
 *
 * Reactions stay readable: Matrix does not encrypt them, and clients would not show one that is (client-server API,
 * "Event annotations and reactions"). Of ours nothing is left but the sign and what it stands under.
 *
 * @param slot the device that encrypts, of the user who sends.
 * @throws {SendLaterError} while no device is held, or its file is not encrypted; {@link MatrixRequestError} where keys cannot be shared.
 */
export async function encryptEvent(
  slot: CryptoSlot,
  event: OutgoingEvent,
  mark: string,
  signal: AbortSignal,
): Promise<Pick<OutgoingEvent, 'type' | 'content'>> {
  const { room, type } = event;
  if (type === 'm.reaction') {
    const relation = new Map<string, unknown>(Object.entries(event.content)).get('m.relates_to');
    return { type, content: { 'm.relates_to': relation, [sendMark]: mark } };
  }
  if ('url' in event.content) {
    // Uploaded before the room was encrypted. The next attempt looks at the room anew.
    const about = { retryAfterMs: 100, why: 'its file has to be encrypted first', mayHaveArrived: false };
    throw new SendLaterError(room, about);
  }
  const device = await heldDevice(slot, room, signal);
  const patience = AbortSignal.any([signal, AbortSignal.timeout(encryptMs)]);
  try {
    const content = await device.encrypt(room, type, fitEncrypted(event.content), patience);
    return { type: 'm.room.encrypted', content: { ...content, [sendMark]: mark } };
  } catch (error) {
    if (isWithoutDevice(error)) throw notHeld(room, error);
    throw error;
  }
}

/** It is no fault of the event that there is no device: another one will be had. */
function isWithoutDevice(error: unknown): boolean {
  return (
    error instanceof DeviceLostError ||
    error instanceof DeviceForgottenError ||
    error instanceof NoDeviceError
  );
}

async function heldDevice(slot: CryptoSlot, room: string, signal: AbortSignal): Promise<CryptoDevice> {
  // Whoever waits here keeps a place from rooms that are not encrypted.
  if (slot.current() === undefined) throw notHeld(room, undefined);
  const patience = AbortSignal.timeout(catchUpMs);
  try {
    return await slot.held(AbortSignal.any([signal, patience]));
  } catch (error) {
    signal.throwIfAborted();
    if (patience.aborted || isWithoutDevice(error)) throw notHeld(room, error);
    throw error;
  }
}

function notHeld(room: string, cause: unknown): SendLaterError {
  const why = 'this replica holds no device to encrypt with yet';
  return new SendLaterError(room, { retryAfterMs: deviceLaterMs, why, mayHaveArrived: false }, { cause });
}
