/** One thing that was looked at. */
export interface Finding {
  /** What was looked at, e.g. `Redis persistence`. */
  readonly check: string;
  readonly level: 'ok' | 'warn' | 'fail';
  readonly says: string;
  /** What to do about it; with every `warn` and `fail`. */
  readonly mend?: string;
}

export function ok(check: string, says: string): Finding {
  return { check, level: 'ok', says };
}

export function warn(check: string, says: string, mend: string): Finding {
  return { check, level: 'warn', says, mend };
}

export function fail(check: string, says: string, mend: string): Finding {
  return { check, level: 'fail', says, mend };
}
