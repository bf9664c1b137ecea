import { z } from 'zod';

/**
 * What a caller may do; each role may also do what those before it may. `user`: talk in their own conversations.
 * `viewer`: look at everything. `reviewer`: decide approvals, as far as these name them. `operator`: replay, reset, switch.
 */
export const role = z.enum(['user', 'viewer', 'reviewer', 'operator']);
export type Role = z.infer<typeof role>;

export function mayActAs(has: Role, needs: Role): boolean {
  return role.options.indexOf(has) >= role.options.indexOf(needs);
}
