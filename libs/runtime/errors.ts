/** One thing that is wrong with a variable of the environment, and what the operator should do about it. */
export interface ConfigProblem {
  readonly name: string;
  readonly problem: string;
  readonly remedy: string;
}

/** The environment does not give a usable configuration. The message lists every problem and no secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly retryable = false;
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
    const lines = problems.map(({ name, problem, remedy }) => `  ${name} ${problem}. ${remedy}`);
    super(`The configuration has ${count}:\n${lines.join('\n')}`);
    this.problems = problems;
  }
}

/** A payload is encrypted with a key that is not configured, or a configured key is not usable. */
export class PayloadKeyError extends Error {
  override readonly name = 'PayloadKeyError';
  readonly retryable = false;
  /** Id of the key that the payload was sealed with; absent when a configured key itself is unusable. */
  readonly keyId: string | undefined;

  constructor(message: string, keyId?: string) {
    super(message);
    this.keyId = keyId;
  }
}

/** A sealed payload does not decrypt with its own key: changed, cut short, or moved from somewhere else. */
export class PayloadForgedError extends Error {
  override readonly name = 'PayloadForgedError';
  readonly retryable = false;
  readonly keyId: string;

  constructor(keyId: string, options?: ErrorOptions) {
    super(
      `The payload sealed with key ${keyId} does not open: it was changed, cut short, or copied from another place. Restore it from where it was written, or drop it`,
      options,
    );
    this.keyId = keyId;
  }
}

/** Thrown on purpose by a failpoint whose action is `throw`. */
export class FailpointError extends Error {
  override readonly name = 'FailpointError';
  readonly retryable = true;
  readonly failpoint: string;

  constructor(failpoint: string) {
    super(`Failpoint ${failpoint} throws, as the variable FAILPOINT asks`);
    this.failpoint = failpoint;
  }
}

/** A readiness check did not answer in its time. */
export class CheckTimeoutError extends Error {
  override readonly name = 'CheckTimeoutError';
  readonly retryable = true;
  readonly check: string;

  constructor(check: string, timeoutMs: number) {
    super(`Readiness check ${check} gave no answer within ${timeoutMs} ms`);
    this.check = check;
  }
}
