/** What ingress can make something of; anything else need not travel. */
const types = [
  'm.room.message',
  'm.room.encrypted',
  'm.room.redaction',
  'm.reaction',
  'm.room.member',
  'm.room.encryption',
  'm.room.tombstone',
];

const nothing = { types: [] };

/** Filters as JSON. All let the same events through, or gaps could not be closed. */
export interface SyncFilters {
  /** Of the first `/sync`, whose timelines are not looked at. */
  readonly first: string;
  readonly next: string;
  readonly messages: string;
}

export function syncFilters(timelineLimit: number): SyncFilters {
  return {
    first: syncFilter(1),
    next: syncFilter(timelineLimit),
    messages: JSON.stringify({ types, lazy_load_members: true }),
  };
}

function syncFilter(limit: number): string {
  const timeline = { types, limit, lazy_load_members: true };
  const room = { timeline, state: nothing, ephemeral: nothing, account_data: nothing };
  return JSON.stringify({ room, presence: nothing, account_data: nothing });
}
