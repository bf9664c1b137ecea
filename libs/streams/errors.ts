/** Base of what this library throws on purpose; `retryable` tells the consumer what to do. */
abstract class StreamsError extends Error {
  abstract readonly retryable: boolean;
}

/** Another worker holds the partition now: nothing was written. */
export class FencedError extends StreamsError {
  override readonly name = 'FencedError';
  readonly retryable = false;
  readonly partition: number;

  constructor(partition: number) {
    super(`Lease of partition ${partition} is held by another worker; nothing was written`);
    this.partition = partition;
  }
}

/** The entry is not pending any more (finished, trimmed or claimed by hand): nothing was written. */
export class GoneError extends StreamsError {
  override readonly name = 'GoneError';
  readonly retryable = false;
  readonly entryId: string;

  constructor(entryId: string) {
    super(`Entry ${entryId} is no longer pending; nothing was written`);
    this.entryId = entryId;
  }
}

/** A guard of the commit did not hold: the handler worked on an old value, and runs again. */
export class StaleError extends StreamsError {
  override readonly name = 'StaleError';
  readonly retryable = true;
  readonly key: string;

  constructor(key: string) {
    super(`${key} changed while the turn ran; nothing was written`);
    this.key = key;
  }
}

/** The server or the data in it cannot be used; the message names the key or setting and the remedy. */
export class RedisSetupError extends StreamsError {
  override readonly name = 'RedisSetupError';
  readonly retryable = false;
}

/** Something else wrote a key that vagent uses: nothing was written. The entry waits until the key is mended. */
export class WrongTypeError extends StreamsError {
  override readonly name = 'WrongTypeError';
  readonly retryable = true;
  readonly key: string;

  constructor(key: string) {
    super(
      `${key} holds another type of value than vagent writes. Look at it with "TYPE ${key}" and move it away with ` +
        'RENAME: the key is made anew within seconds and the work goes on',
    );
    this.key = key;
  }
}
