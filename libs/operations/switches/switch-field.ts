import type { SwitchScope } from './switch.ts';

/** The field of the hash that says whether something is off, e.g. `tool:delete_records`. */
export function fieldOf(scope: SwitchScope, name: string): string {
  return `${scope}:${name}`;
}
