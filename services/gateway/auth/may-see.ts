import { parseSessionId } from '#contract/session-id';
import { NotFoundError } from '#operations/errors';
import { mayActAs } from '../api/role.ts';
import type { Caller } from '../caller.ts';

/** Whether a caller may see a conversation: viewers all, a user their own, one who is bound to a session only that. */
export function maySee(caller: Caller, session: string): boolean {
  if (caller.session !== null) return caller.session === session;
  return mayActAs(caller.role, 'viewer') || parseSessionId(session)?.user === caller.user;
}

/** @throws {NotFoundError} where the caller may not see it: what is not theirs is not there for them. */
export function refuseForeign(caller: Caller, session: string, what: string): void {
  if (!maySee(caller, session)) throw new NotFoundError(`There is no ${what} here that you may see`);
}
