import type { LiveEvent } from '../api/live.ts';
import { beginning, covers, furthest, type Positions } from './cursor.ts';
import { deliver, type Member } from './member.ts';
import { type Found, mergePages, type Page } from './merge-pages.ts';
import type { Source } from './stream-reader.ts';
import { fieldOf } from './to-live-event.ts';

/** Who follows which session of a partition, and how far its streams were read for all of them. */
export class PartitionFeed implements Source {
  positions: Positions = beginning;
  readonly #toEvent: (found: Found) => LiveEvent;
  readonly #sessions = new Map<string, Set<Member>>();
  readonly #everything = new Set<Member>();

  constructor(toEvent: (found: Found) => LiveEvent) {
    this.#toEvent = toEvent;
  }

  get isEmpty(): boolean {
    return this.#sessions.size === 0 && this.#everything.size === 0;
  }

  /** From here on the member gets what is read. `seen`: how far it is; at least as far as `positions`. */
  join(member: Member, seen: Positions): void {
    member.ahead = covers(this.positions, seen) ? null : furthest(this.positions, seen);
    if (member.session === null) {
      this.#everything.add(member);
      return;
    }
    const together = this.#sessions.get(member.session) ?? new Set();
    this.#sessions.set(member.session, together.add(member));
  }

  leave(member: Member): void {
    this.#everything.delete(member);
    const together = member.session === null ? undefined : this.#sessions.get(member.session);
    together?.delete(member);
    if (together?.size === 0 && member.session !== null) this.#sessions.delete(member.session);
  }

  has(member: Member): boolean {
    if (member.session === null) return this.#everything.has(member);
    return this.#sessions.get(member.session)?.has(member) === true;
  }

  take(pages: readonly Page[]): void {
    const { found } = mergePages(this.positions, pages);
    for (const one of found) {
      this.positions = one.positions;
      this.#give(one);
    }
  }

  #give(found: Found): void {
    const together = this.#sessions.get(fieldOf(found.fields, 'session'));
    if (together === undefined && this.#everything.size === 0) return;
    // Read once, however many follow.
    const event = this.#toEvent(found);
    for (const member of together ?? []) deliver(member, found, event);
    for (const member of this.#everything) deliver(member, found, event);
  }
}
