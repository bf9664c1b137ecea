import type { LiveEvent } from '../api/live.ts';
import { mayActAs } from '../api/role.ts';
import type { Caller } from '../caller.ts';
import type { Restorer } from './create-restorer.ts';
import { isOwnSession } from './is-own-session.ts';

/** An event as one reader may see it; null for what is not for them. The same object where nothing differs. */
export type View = (event: LiveEvent) => LiveEvent | null | Promise<LiveEvent | null>;

/**
 * Viewers see everything, with placeholders for personal data. The person of a conversation over HTTP sees what they wrote
 * and were told with that data in it, and of approvals what waits and what became of it: not who decides, nor notices
 * among reviewers.
 */
export function createView(caller: Caller, restorer: Restorer): View {
  const isStaff = mayActAs(caller.role, 'viewer');
  return (event) => {
    const shown = isStaff ? event : forPerson(event);
    if (shown === null) return null;
    return isOwnSession(caller, event.session) ? restorer(shown) : shown;
  };
}

function forPerson(event: LiveEvent): LiveEvent | null {
  switch (event.event) {
    case 'message':
    case 'draft':
    case 'reply':
    case 'status':
      return event;
    case 'failed':
      return { ...event, reason: '' };
    case 'approval': {
      const { policy, ...approval } = event.approval;
      const hidden = { ...policy, reviewers: [], escalateTo: null };
      return { ...event, approval: { ...approval, context: '', decided: [], policy: hidden } };
    }
    case 'approval_resolved':
      return event.notice === 'outcome' ? { ...event, by: [], text: '' } : null;
    case 'decision':
    case 'reminder':
    case 'notice':
    case 'other':
      return null;
    default:
      return event satisfies never;
  }
}
