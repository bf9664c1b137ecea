import type { Content } from '../content.ts';
import type { Context } from '../context.ts';
import { clientEvent } from '../rooms/client-event.ts';
import { stateAt, stateChanges } from '../rooms/room-state.ts';
import { passes } from './event-filter.ts';
import type { SyncRequest } from './sync-once.ts';
import type { Timeline } from './sync-timeline.ts';

/**
 * The state changes between `after` and the first event of the timeline, so that state and timeline together are
 * the whole change. With lazy loading only members who speak in the timeline are told.
 */
export function stateBefore(
  context: Context,
  request: SyncRequest,
  place: { roomId: string; after: number; before: number; timeline: Timeline['shown'] },
): Content[] {
  const { roomId, after, before, timeline } = place;
  const changes = stateChanges(context, roomId, after, before - 1);
  const filter = request.filter.room?.state;
  const speakers = new Set(timeline.map(({ event }) => event.sender));
  speakers.add(request.requester.userId);
  let state = changes;
  if (filter?.lazy_load_members) {
    const isNeeded = (type: string, key: string | null): boolean =>
      type !== 'm.room.member' || speakers.has(key ?? '');
    const known = new Set(changes.map(({ eventId }) => eventId));
    const members = stateAt(context, roomId, before - 1).filter(
      ({ type, stateKey, eventId }) =>
        type === 'm.room.member' && speakers.has(stateKey ?? '') && !known.has(eventId),
    );
    state = [...changes.filter(({ type, stateKey }) => isNeeded(type, stateKey)), ...members];
  }
  return state
    .filter((event) => passes(event, filter))
    .map((event) => clientEvent(context, event, { viewer: request.requester, format: 'sync' }));
}
