import process from 'node:process';
import { createFailpoints } from './create-failpoints.ts';

let isInert = false;
let failpoints: ((name: string) => Promise<void> | undefined) | undefined;

/**
 * A named place where tests make this process die, freeze, throw or dawdle, as the variable `FAILPOINT` says (read at
 * the first call): `FAILPOINT=worker.before-commit:kill`. Without the variable it is one boolean check. Await the
 * result where a delay is to be possible.
 *
 * @throws {FailpointError} for the action `throw`, {@link ConfigError} if `FAILPOINT` is malformed.
 */
export function failpoint(name: string): Promise<void> | undefined {
  if (isInert) return undefined;
  if (failpoints === undefined) {
    const text = process.env['FAILPOINT']?.trim();
    isInert = text === undefined || text === '';
    if (text === undefined || isInert) return undefined;
    failpoints = createFailpoints(text);
  }
  return failpoints(name);
}
