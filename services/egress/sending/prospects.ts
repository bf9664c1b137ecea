import type { Delivery } from '#streams/delivery';
import { askAhead } from './ask-ahead.ts';
import type { RoomEncryption } from './room-encryption.ts';

/** What has to be known before something is sent into a room. Each question is asked once, and is under way already. */
export interface Prospect {
  /** The time in ms that counts for all processes. */
  now(): Promise<number>;
  /**
   * Whether the room is encrypted: call it last of all, as the event goes out with what it says. A "no" is of the moment, or
   * came within the last few milliseconds: see `freshMs` of `askAhead`.
   */
  isEncrypted(): Promise<boolean>;
}

export interface Prospects {
  /** Begins to ask for the next send of this delivery into the room. */
  begin(delivery: Delivery, room: string): void;
  /** What was begun for it, for one send; else it is begun now. */
  take(delivery: Delivery, room: string): Prospect;
}

export interface ProspectsDeps {
  readonly redisNow: () => Promise<number>;
  readonly encryption: RoomEncryption;
}

/**
 * Lets the questions of a send travel beside each other, and beside the work on the entry. Answers never outlive their
 * delivery, and serve one event each.
 */
export function createProspects({ redisNow, encryption }: ProspectsDeps): Prospects {
  const begun = new WeakMap<Delivery, Prospect & { readonly room: string }>();
  const ask = ({ signal }: Delivery, room: string): Prospect => ({
    now: askAhead(redisNow),
    isEncrypted: askAhead(() => encryption.isEncrypted(room, signal)),
  });
  return {
    begin: (delivery, room) => {
      begun.set(delivery, { room, ...ask(delivery, room) });
    },
    take: (delivery, room) => {
      const known = begun.get(delivery);
      begun.delete(delivery);
      return known?.room === room ? known : ask(delivery, room);
    },
  };
}
