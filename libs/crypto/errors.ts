/** Another process holds the device: what was to be done with it is done there, or again with the next one. */
export class DeviceLostError extends Error {
  override readonly name = 'DeviceLostError';
  readonly retryable = true;

  constructor(device: string) {
    super(`The crypto device ${device} is held by another process now`);
  }
}

/** The store of a device cannot be read with the keys at hand, or was changed by hand. */
export class CryptoStoreError extends Error {
  override readonly name = 'CryptoStoreError';
  readonly retryable = false;
}

/** The access of this bot cannot be several devices. */
export class CryptoAccessError extends Error {
  override readonly name = 'CryptoAccessError';
  readonly retryable = false;

  constructor() {
    super(
      'CRYPTO_STORE_KEY needs a bot that can log in as several devices: set MATRIX_USER and MATRIX_PASSWORD, or MATRIX_MODE=appservice, in place of MATRIX_ACCESS_TOKEN',
    );
  }
}

/** The cross-signing keys of an account cannot be made, replaced or brought back; the message says why, and what to do. */
export class CrossSigningError extends Error {
  override readonly name = 'CrossSigningError';
  readonly retryable = false;
}

/** The homeserver does not know the device by the keys that it has here: it must begin anew. */
export class DeviceForgottenError extends Error {
  override readonly name = 'DeviceForgottenError';
  readonly retryable = true;

  constructor(device: string) {
    super(`The homeserver has other keys for the crypto device ${device}, or none`);
  }
}

/** Nothing can be encrypted for this room. */
export class RoomEncryptionError extends Error {
  override readonly name = 'RoomEncryptionError';
  readonly retryable = false;
  readonly room: string;

  constructor(room: string, problem: string) {
    super(`Cannot encrypt for ${room}: ${problem}`);
    this.room = room;
  }
}

/** No device is held at the moment. */
export class NoDeviceError extends Error {
  override readonly name = 'NoDeviceError';
  readonly retryable = true;
  /** Other processes hold all that this one could be: nothing is wrong with it. */
  readonly isElsewhere: boolean;

  constructor(problem: string, options?: ErrorOptions & { readonly isElsewhere?: boolean }) {
    super(`No crypto device is held: ${problem}`, options);
    this.isElsewhere = options?.isElsewhere ?? false;
  }
}
