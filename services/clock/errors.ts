/** A timer cannot be set or fired as it is written; the message says what is wrong and what to do. */
export class TimerError extends Error {
  override readonly name = 'TimerError';
  readonly retryable = false;
  readonly timer: string;

  constructor(timer: string, problem: string, options?: ErrorOptions) {
    super(`Timer "${timer}": ${problem}`, options);
    this.timer = timer;
  }
}
