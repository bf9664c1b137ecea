import { isApiSession } from '#contract/api-session';
import { parseSessionId } from '#contract/session-id';
import { mayActAs } from '../api/role.ts';
import type { Caller } from '../caller.ts';

/** Viewers see every session; a user sees those over HTTP that are their own. A token for one session is for no other. */
export function maySee(caller: Caller, session: string): boolean {
  if (parseSessionId(session) === undefined) return false;
  if (caller.session !== null) return caller.session === session;
  return mayActAs(caller.role, 'viewer') || isOwnSession(caller, session);
}

/** Whether it is the caller's own conversation over HTTP: they, and nobody else, see what they wrote as they wrote it. */
export function isOwnSession(caller: Caller, session: string): boolean {
  return isApiSession(session) && parseSessionId(session)?.user === caller.user;
}
