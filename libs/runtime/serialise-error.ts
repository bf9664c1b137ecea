const deepest = 5;

/**
 * An error as plain data for the log: type, message, stack, causes, and its own fields as far as they are plain
 * values. Objects that clients hang on their errors (requests, responses, commands with their arguments) are left
 * out: they hold tokens and message bodies.
 */
export function serialiseError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) {
    return { type: typeof error, message: isPlain(error) ? String(error) : 'The thrown value is no Error' };
  }
  const fields = Object.entries(error).filter(([, value]) => isPlain(value));
  const serialised: Record<string, unknown> = {
    ...Object.fromEntries(fields),
    type: error.name,
    message: error.message,
    stack: error.stack,
  };
  if (depth >= deepest) return serialised;
  if (error.cause !== undefined) serialised['cause'] = serialiseError(error.cause, depth + 1);
  if (error instanceof AggregateError) {
    serialised['errors'] = error.errors.slice(0, 10).map((inner) => serialiseError(inner, depth + 1));
  }
  return serialised;
}

function isPlain(value: unknown): boolean {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}
