/** A flow names a slot type that no validator is registered for. */
export class UnknownValidatorError extends Error {
  override readonly name = 'UnknownValidatorError';
  readonly retryable = false;
  readonly flow: string;
  readonly validator: string;

  constructor(flow: string, validator: string) {
    super(
      `The flow ${flow} needs the validator ${validator}, which is not registered: register it, or change the type`,
    );
    this.flow = flow;
    this.validator = validator;
  }
}
