/** Another process reads /sync now: this one starts over. */
export class SyncLeaseLostError extends Error {
  override readonly name = 'SyncLeaseLostError';
  readonly retryable = true;
  readonly epoch: number;

  constructor(epoch: number) {
    super(`The right to read /sync, epoch ${epoch}, is held by another process`);
    this.epoch = epoch;
  }
}
