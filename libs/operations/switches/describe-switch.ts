import type { SwitchedOff } from './switch.ts';

/** Who switched it off, since when and why, in one line, e.g. `by cli:ana since 2026-01-01 10:00 UTC: it is broken`. */
export function describeSwitch({ by, at, because }: SwitchedOff): string {
  const why = because.replaceAll(/\s+/g, ' ').trim();
  return by === '' ? why : `by ${by} since ${at.slice(0, 16).replace('T', ' ')} UTC: ${why}`;
}
