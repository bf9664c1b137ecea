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

/** The record of an approval is damaged, or sealed with a key that ingress does not have. */
export class UnreadableApprovalError extends Error {
  override readonly name = 'UnreadableApprovalError';
  readonly retryable = false;
  readonly approval: string;

  constructor(approval: string, options: ErrorOptions) {
    super(
      `The record of approval ${approval} cannot be read, and nothing was decided. Give ingress the PAYLOAD_KEY of the workers, then decide again`,
      options,
    );
    this.approval = approval;
  }
}
