/** Base of what egress throws on purpose; `retryable` and `retryAfterMs` tell the consumer what to do. */
abstract class EgressError extends Error {
  abstract readonly retryable: boolean;
  readonly room: string;

  constructor(room: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.room = room;
  }
}

/** The homeserver will never take this event as things are; the message names the remedy. */
export class SendRefusedError extends EgressError {
  override readonly name = 'SendRefusedError';
  readonly retryable = false;
}

/** The room is encrypted, and this egress has no keys: it sends no plaintext into it. */
export class EncryptedRoomError extends EgressError {
  override readonly name = 'EncryptedRoomError';
  readonly retryable = false;

  constructor(room: string) {
    super(
      room,
      `Room ${room} is encrypted and nothing is sent into it in plaintext. Set CRYPTO_STORE_KEY for ingress and egress, then replay the dead letter; or let the conversation go on in a room without encryption, which cannot be switched off again`,
    );
  }
}

/** Come again after `retryAfterMs`: the homeserver asks for it (429), or cannot be reached. */
export class SendLaterError extends EgressError {
  override readonly name = 'SendLaterError';
  readonly retryable = true;
  readonly retryAfterMs: number;
  /** No answer came: the homeserver may have taken the event all the same. */
  readonly mayHaveArrived: boolean;

  constructor(
    room: string,
    about: { retryAfterMs: number; why: string; mayHaveArrived: boolean },
    options?: ErrorOptions,
  ) {
    super(room, `Sending into ${room} waits ${about.retryAfterMs} ms: ${about.why}`, options);
    this.retryAfterMs = about.retryAfterMs;
    this.mayHaveArrived = about.mayHaveArrived;
  }
}

/** An entry of a type that its stream does not carry: written by hand, or by something that is not vagent. */
export class WrongStreamError extends Error {
  override readonly name = 'WrongStreamError';
  readonly retryable = false;

  constructor(stream: string, type: string) {
    super(`Entries of type ${type} do not belong into the stream ${stream}; drop the dead letter`);
  }
}
