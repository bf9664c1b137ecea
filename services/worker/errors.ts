/** An entry of a type that the inbound stream does not carry: written by hand, or by something that is not vagent. */
export class WrongStreamError extends Error {
  override readonly name = 'WrongStreamError';
  readonly retryable = false;
  readonly type: string;

  constructor(type: string) {
    super(`Entries of type ${type} do not belong into the stream inbound; drop the dead letter`);
    this.type = type;
  }
}
