import type { Entry } from '#contract/entry';
import { parseSessionId } from '#contract/session-id';
import type { VagentContent } from '#contract/vagent-content';
import type { Delivery } from '#streams/delivery';
import type { OwnEvent } from './sending/find-own-event.ts';

/** What every event sent for an entry has in common. */
export interface EntryFrame {
  readonly room: string;
  readonly thread: string | null;
  /** The user whose session it is. */
  readonly asker: string;
  readonly turn: string;
  /** Key of an event of which the entry has one, by `name`: entry ids alone are unique in one stream only. */
  key(name: string): (string | number)[];
  vagent(kind: VagentContent['kind']): VagentContent;
  /** Knows an event of ours with this entry in its content. */
  isOfEntry(own: OwnEvent): boolean;
}

/** @throws {RangeError} for a session id that is none; decoding has refused it before. */
export function entryFrame(delivery: Delivery, entry: Entry): EntryFrame {
  const session = parseSessionId(entry.session);
  if (session === undefined) throw new RangeError(`"${entry.session}" is not a session id`);
  const turn = entry.turn ?? entry.id;
  const { partition, stream, entryId } = delivery;
  return {
    room: session.room,
    thread: session.thread,
    asker: session.user,
    turn,
    key: (name) => [name, stream, partition, entryId],
    vagent: (kind) => ({ kind, session: entry.session, turn, entry: entryId }),
    isOfEntry: ({ vagent }) =>
      vagent.entry === entryId && vagent.session === entry.session && vagent.turn === turn,
  };
}
