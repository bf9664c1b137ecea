/** A tool could not do what it was asked. */
export class ToolError extends Error {
  override readonly name = 'ToolError';
  readonly tool: string;
  /** `no`: certainly nothing happened outside. `unknown`: it may have. */
  readonly wasApplied: 'no' | 'unknown';
  readonly retryable: boolean;

  constructor(
    tool: string,
    message: string,
    options: { wasApplied: 'no' | 'unknown'; retryable?: boolean; cause?: unknown },
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.tool = tool;
    this.wasApplied = options.wasApplied;
    this.retryable = options.retryable ?? false;
  }
}

/** Two tools of one registry have the same name. */
export class DuplicateToolError extends Error {
  override readonly name = 'DuplicateToolError';
  readonly retryable = false;
  readonly tool: string;

  constructor(tool: string) {
    super(`Two tools are named ${tool}: rename one of them`);
    this.tool = tool;
  }
}

/** A tool would be called again, or without asking, though it does not say that this is safe. */
export class UnsafeToolError extends Error {
  override readonly name = 'UnsafeToolError';
  readonly retryable = false;
  readonly tool: string;

  constructor(tool: string, why: string) {
    super(`Tool ${tool} cannot be registered: ${why}`);
    this.tool = tool;
  }
}

/** A server of a playbook's `tools.yaml` needs secrets that the environment does not give. */
export class McpSecretsError extends Error {
  override readonly name = 'McpSecretsError';
  readonly retryable = false;

  constructor(problems: readonly string[]) {
    super(`The tools of the playbook cannot be opened: ${problems.join('; ')}`);
  }
}

/** A name stands for an address that is not public. */
export class PrivateAddressError extends Error {
  override readonly name = 'PrivateAddressError';
  readonly retryable = false;
  readonly host: string;

  constructor(host: string) {
    super(`The host ${host} is not on the public internet`);
    this.host = host;
  }
}

/** A thread of the action graph was used in a way that would run, or void, something else than was meant. */
export class ActionGraphError extends Error {
  override readonly name = 'ActionGraphError';
  readonly retryable = false;
  readonly thread: string;

  constructor(thread: string, message: string) {
    super(message);
    this.thread = thread;
  }
}

/** The conversation graph ended without saying what the turn came to. */
export class TurnWithoutOutputError extends Error {
  override readonly name = 'TurnWithoutOutputError';
  readonly retryable = false;
  readonly thread: string;

  constructor(thread: string) {
    super(`The conversation graph gave no output for ${thread}: its last node must write "output"`);
    this.thread = thread;
  }
}
