import { AsyncLocalStorage } from 'node:async_hooks';

/** What joins the lines of one piece of work. Never a user, a room, or what somebody wrote. */
export type LogFields = Readonly<Record<string, string | number>>;

// One for the process: the logger that reads it and the work that sets it know nothing of each other.
const around = new AsyncLocalStorage<LogFields>();

/** Every line that `work` logs, however deep, carries these fields beside those that it runs within already. */
export function withLogFields<T>(fields: LogFields, work: () => T): T {
  return around.run({ ...around.getStore(), ...fields }, work);
}

/** A new object, since the logger adds to it; undefined outside of such work. */
export function currentLogFields(): Record<string, string | number> | undefined {
  const fields = around.getStore();
  return fields === undefined ? undefined : { ...fields };
}
