import type { ModelError } from '#models/errors';

/**
 * The model gave nothing usable, after its own retries. Unlike the model's error it does not ask for a time to wait:
 * each try counts as an attempt, so that somebody who asked waits for minutes at most, and is then told.
 */
export class ModelFailedError extends Error {
  override readonly name = 'ModelFailedError';
  readonly retryable: boolean;

  constructor(cause: ModelError) {
    super(cause.message, { cause });
    this.retryable = cause.retryable;
  }
}

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

/** A timer came due whose data is not what was set: written by hand, or by another version. */
export class UnreadableTimerError extends Error {
  override readonly name = 'UnreadableTimerError';
  readonly retryable = false;
  readonly timer: string;

  constructor(timer: string) {
    super(`The data of timer ${timer} cannot be read; drop the dead letter`);
    this.timer = timer;
  }
}

/** A part of what the turn was about to answer was taken back meanwhile: it begins anew with the rest, and loses no attempt. */
export class TurnBeginsAnewError extends Error {
  override readonly name = 'TurnBeginsAnewError';
  readonly retryAfterMs = 0;

  constructor() {
    super('A part of the question was redacted; the turn begins anew');
  }
}
