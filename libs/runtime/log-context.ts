import { AsyncLocalStorage } from 'node:async_hooks';

/** What joins the lines of one piece of work. Never a user, a room, or what somebody wrote. */
export type LogFields = Readonly<Record<string, string | number>>;

interface Around {
  readonly fields: () => LogFields;
  readonly outer: Around | undefined;
}

// One for the process: the logger that reads it and the work that sets it know nothing of each other.
const around = new AsyncLocalStorage<Around>();

/**
 * Every line that `work` logs, however deep, carries these fields beside those of the work that it runs within. They are
 * asked for by lines only: most work logs nothing.
 */
export function withLogFields<T>(fields: () => LogFields, work: () => T): T {
  return around.run({ fields, outer: around.getStore() }, work);
}

/** A new object, since the logger adds to it. */
export function currentLogFields(): Record<string, string | number> {
  return fieldsOf(around.getStore());
}

function fieldsOf(inner: Around | undefined): Record<string, string | number> {
  return inner === undefined ? {} : { ...fieldsOf(inner.outer), ...inner.fields() };
}
