import type { CryptoSlot } from '#crypto/crypto-device';
import { DeviceLostError } from '#crypto/errors';
import { readDecrypted } from '#matrix/read-decrypted';
import type { FetchEvent } from '../admission/event-memory.ts';

/** Reads events as they were before they were encrypted, as far as this process has their keys; else as they came. */
export function openFetched(fetchEvent: FetchEvent, slot: Pick<CryptoSlot, 'current'>): FetchEvent {
  return async (room, eventId) => {
    const event = await fetchEvent(room, eventId);
    const device = slot.current();
    if (event?.kind !== 'encrypted' || device === undefined) return event;
    try {
      const result = await device.decrypt(event.raw, room);
      return result.ok ? readDecrypted(event.raw, room, result) : event;
    } catch (error) {
      // Its next owner takes what this is about once more.
      if (error instanceof DeviceLostError) return event;
      throw error;
    }
  };
}
