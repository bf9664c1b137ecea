import { isApiSession } from '#contract/api-session';
import { parseSessionId } from '#contract/session-id';
import type { Caller } from '../caller.ts';

/** Whether it is the caller's own conversation over HTTP: they, and nobody else, see what they wrote as they wrote it. */
export function isOwnSession(caller: Caller, session: string): boolean {
  return isApiSession(session) && parseSessionId(session)?.user === caller.user;
}
