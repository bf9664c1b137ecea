/** A call that lacks what the saver needs (a thread id, a checkpoint id, a usable option). Not retryable. */
export class CheckpointConfigError extends Error {
  override readonly name = 'CheckpointConfigError';
  readonly retryable = false;
}

/** What Redis holds for a thread cannot be read as a checkpoint. Not retryable: the bytes will not change. */
export class CheckpointDataError extends Error {
  override readonly name = 'CheckpointDataError';
  readonly retryable = false;
  readonly key: string;

  constructor(key: string, problem: string, options?: ErrorOptions) {
    super(
      `Redis key ${JSON.stringify(key)}: ${problem}. Continue from another checkpoint_id of the thread, ` +
        'or delete the thread with deleteThread() and start anew.',
      options,
    );
    this.key = key;
  }
}

/** One of the commands of a save was refused by Redis. Saves are idempotent, so the whole may be run again. */
export class CheckpointWriteError extends Error {
  override readonly name = 'CheckpointWriteError';
  readonly retryable = true;
}

/** The server lacks modules that the chosen checkpointer needs. */
export class RedisModulesError extends Error {
  override readonly name = 'RedisModulesError';
  readonly retryable = false;
  readonly missing: readonly string[];

  constructor(server: string, missing: readonly string[], options?: ErrorOptions) {
    super(
      `CHECKPOINTER=redis-stack needs ${missing.join(' and ')} on the Redis server ${server}, which lacks it. ` +
        'Use Redis 8 or Redis Stack there, or unset CHECKPOINTER: the default checkpointer needs core commands only.',
      options,
    );
    this.missing = missing;
  }
}

/** A request that the store cannot serve: an index, an operation of an unknown shape, an invalid value. */
export class StoreRequestError extends Error {
  override readonly name = 'StoreRequestError';
  readonly retryable = false;
}

/** What Redis holds under the key of an item of the store is not one. Not retryable. */
export class StoreDataError extends Error {
  override readonly name = 'StoreDataError';
  readonly retryable = false;
  readonly key: string;

  constructor(key: string, options?: ErrorOptions) {
    const name = JSON.stringify(key);
    super(
      `Redis key ${name} holds something that RedisStore did not write: look at it (GET ${name}), then delete it`,
      options,
    );
    this.key = key;
  }
}
