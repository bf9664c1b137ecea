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

/** A conversation was worked on by a newer version of the code: it waits for a worker that knows it. */
export class NewerGraphError extends Error {
  override readonly name = 'NewerGraphError';
  /** Burns no attempt: nothing is wrong with the entry. */
  readonly retryAfterMs = 10_000;
  readonly thread: string;

  constructor(thread: string, version: number, newest: number) {
    super(
      `${thread} is on version ${version} of the graph, and this worker knows none above ${newest}: it waits for a worker of the newer release. Finish the upgrade, or start such a worker again`,
    );
    this.thread = thread;
  }
}

/** The same, when nobody of the newer release has come for so long that an operator has to look. */
export class NewerGraphMissingError extends Error {
  override readonly name = 'NewerGraphMissingError';
  readonly retryable = false;
  readonly thread: string;

  constructor(cause: NewerGraphError) {
    super(`${cause.message}. None came: replay this entry when one is there`, { cause });
    this.thread = cause.thread;
  }
}

/** What a conversation waits on was made by code that is gone, and no migration takes it over. */
export class GraphGoneError extends Error {
  override readonly name = 'GraphGoneError';
  readonly retryable = false;
  readonly thread: string;

  constructor(thread: string, version: number) {
    super(
      `${thread} waits on version ${version} of the graph, which this release does not have any more, nor a migration from it: replay this entry on the release before, or reset the session`,
    );
    this.thread = thread;
  }
}
