/** What became of an encrypted event. */
export type Decrypted =
  | {
      readonly ok: true;
      /** The type and content that its sender encrypted. */
      readonly type: string;
      readonly content: Readonly<Record<string, unknown>>;
      /** Whether the sending device is signed by its owner's cross-signing keys. */
      readonly isSigned: boolean;
    }
  /** Its key has not come, and may come yet. */
  | { readonly ok: false; readonly isLate: true; readonly reason: string }
  /** It can never be read: broken, withheld for good, or claimed by somebody who did not send it. */
  | { readonly ok: false; readonly isLate: false; readonly reason: string };

/** Content to send with the type `m.room.encrypted`. */
export type EncryptedContent = Readonly<Record<string, unknown>>;

/**
 * One device of one user with its keys, held by this process alone. Whatever it learns or uses up is stored before
 * anything that depends on it leaves.
 *
 * All methods reject with {@link DeviceLostError} once another process holds the device.
 */
export interface CryptoDevice {
  readonly userId: string;
  readonly deviceId: string;
  /** Its ed25519 key in base64: what a person compares. */
  readonly fingerprint: string;
  /** `event` as the homeserver gave it, with the type `m.room.encrypted`. */
  decrypt(event: unknown, room: string): Promise<Decrypted>;
  /**
   * Encrypts for everybody who is in the room now, and shares the key with those devices first. One event of a room
   * at a time. Relations stay readable on the outside, as the spec has it.
   *
   * @throws {MatrixRequestError} where the homeserver does not tell who is there, or does not take the keys.
   */
  encrypt(room: string, type: string, content: object, signal: AbortSignal): Promise<EncryptedContent>;
  /** Tells of every batch of keys that has come and is stored. Returns what ends it. */
  onKeys(listener: () => void): () => void;
  /** What is known of the room's members and settings is asked for anew before the next send. */
  forgetRoom(room: string): void;
}

/** The right to be one of a few devices, whichever is free, for as long as this process lives. */
export interface CryptoSlot extends AsyncDisposable {
  /** The device that this process holds now; undefined where it holds none. */
  current(): CryptoDevice | undefined;
  /** Resolves once a device is held and has caught up with what waited for it. */
  held(signal: AbortSignal): Promise<CryptoDevice>;
  /** Rejects with the reason while no device is held: for readiness. */
  check(): Promise<void>;
}
