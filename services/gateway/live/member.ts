import type { LiveEvent } from '../api/live.ts';
import { compareIds, covers, formatCursor, furthest, type Positions } from './cursor.ts';
import type { Follower } from './feed.ts';
import type { Found } from './merge-pages.ts';

/** A follower with what it was given already. */
export interface Member {
  /** Null: every session. */
  readonly session: string | null;
  readonly follower: Follower;
  /** How far it is where that is further than whoever reads for it; null once the reader has caught up. */
  ahead: Positions | null;
  isStopped: boolean;
}

/**
 * Gives a member what was found, unless it has it already. Its ids only ever grow: a member that is ahead in one stream
 * gets events of another under a cursor of its own.
 */
export function deliver(member: Member, found: Found, event: LiveEvent): void {
  if (member.isStopped) return;
  const { ahead } = member;
  if (ahead === null) {
    member.follower.onEvent(event);
    return;
  }
  if (compareIds(found.id, ahead[found.stream] ?? '0-0') <= 0) return;
  member.ahead = covers(found.positions, ahead) ? null : furthest(found.positions, ahead);
  const id = formatCursor(member.ahead ?? found.positions);
  member.follower.onEvent(id === event.id ? event : { ...event, id });
}
