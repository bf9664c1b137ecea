import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { applyEvents } from './apply-events.ts';
import { HomeserverError } from './errors.ts';
import type { Person } from './person.ts';
import type { RoomEvent, SyncAnswer } from './sync-answer.ts';
import { emptyTab, type OpenPrompt, openPrompts, type Tab, type TabName, type TabState } from './tab.ts';

type RoomAnswer = SyncAnswer['rooms']['join'][string];

const longestWaitMs = 15_000;
/** A client tells again that its person types, well before the homeserver forgets it. */
const typingAgainMs = 4_000;

/** The rooms of a terminal and the people in it, kept up to date by /sync. */
export class Conversation {
  readonly tabs: readonly Tab[];
  readonly #states = new Map<TabName, TabState>();
  readonly #onChange: () => void;
  readonly #lost = new Map<Person, string>();
  #lookingAt: TabName;
  #typedAt = 0;

  constructor(tabs: readonly [Tab, ...Tab[]], onChange: () => void) {
    this.tabs = tabs;
    this.#lookingAt = tabs[0].name;
    this.#onChange = onChange;
  }

  state(name: TabName): TabState {
    return this.#states.get(name) ?? emptyTab;
  }

  tab(name: TabName): Tab | undefined {
    return this.tabs.find((tab) => tab.name === name);
  }

  /** Why the homeserver cannot be heard; undefined while all is well. */
  get trouble(): string | undefined {
    return [...this.#lost.values()][0];
  }

  /** From now on what comes there is read at once. */
  lookAt(name: TabName): void {
    this.#lookingAt = name;
    this.#change(name, { unread: 0 });
  }

  prompts(): OpenPrompt[] {
    return openPrompts(this.state('reviewer'));
  }

  /** Resolves once the rooms are as they are now; `ended` rejects when the homeserver does not know us any more. */
  async start(signal: AbortSignal): Promise<{ ended: Promise<void> }> {
    const people = [...new Set(this.tabs.map(({ person }) => person))];
    const tokens = await Promise.all(people.map((person) => this.#syncOnce(person, undefined, signal)));
    const loops = people.map((person, index) => this.#keepUp(person, tokens[index], signal));
    return { ended: Promise.all(loops).then(() => undefined) };
  }

  /** Says something in the tab's room, at once visible there. @throws {HomeserverError} where it did not arrive. */
  async say(name: TabName, text: string, replyTo?: string): Promise<string> {
    const tab = this.tab(name);
    if (tab === undefined) throw new Error(`There is no tab ${name}`);
    const local = `local:${randomUUID()}`;
    this.#change(name, { unsent: [...this.state(name).unsent, { id: local, text }] });
    this.#typedAt = 0;
    try {
      const id = await tab.person.say(tab.room, text, replyTo);
      const isSeen = this.state(name).items.some((item) => item.id === id);
      const unsent = this.state(name).unsent.flatMap((one) =>
        one.id !== local ? [one] : isSeen ? [] : [{ id, text }],
      );
      this.#change(name, { unsent });
      return id;
    } catch (error) {
      this.#change(name, { unsent: this.state(name).unsent.filter(({ id }) => id !== local) });
      throw error;
    }
  }

  /** Lets the others see that somebody types. */
  typed(name: TabName): void {
    const tab = this.tab(name);
    if (tab === undefined || Date.now() - this.#typedAt < typingAgainMs) return;
    this.#typedAt = Date.now();
    // Only a courtesy: where it does not arrive, nothing is lost.
    tab.person.setTyping(tab.room, true).catch(() => undefined);
  }

  async #keepUp(person: Person, since: string | undefined, signal: AbortSignal): Promise<void> {
    let waitMs = 500;
    let token = since;
    while (!signal.aborted) {
      try {
        token = await this.#syncOnce(person, token, signal);
        waitMs = 500;
        if (this.#lost.delete(person)) this.#onChange();
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof HomeserverError) || !error.retryable) throw error;
        this.#lost.set(person, error.message);
        this.#onChange();
        await sleep(waitMs, undefined, { signal }).catch(() => undefined);
        waitMs = Math.min(waitMs * 2, longestWaitMs);
      }
    }
  }

  async #syncOnce(person: Person, since: string | undefined, signal: AbortSignal): Promise<string> {
    const answer = await person.sync(since, signal);
    for (const tab of this.tabs.filter((one) => one.person === person)) {
      const room = answer.rooms.join[tab.room];
      if (room !== undefined) this.#take(tab, room, since === undefined);
    }
    return answer.next_batch;
  }

  #take({ name, person }: Tab, room: RoomAnswer, isFirst: boolean): void {
    const before = this.state(name);
    const names = namesAfter(before.names, [...room.state, ...room.timeline]);
    const items = applyEvents(before.items, room.timeline);
    const fresh = items.filter(
      ({ id, sender }) => sender !== person.userId && !before.items.some((one) => one.id === id),
    );
    const unread = isFirst || this.#lookingAt === name ? 0 : before.unread + fresh.length;
    const unsent = before.unsent.filter(({ id }) => !items.some((item) => item.id === id));
    const typing = typingAfter(room, person.userId) ?? before.typing;
    this.#change(name, { items, names, unread, unsent, typing });
  }

  #change(name: TabName, changed: Partial<TabState>): void {
    this.#states.set(name, { ...this.state(name), ...changed });
    this.#onChange();
  }
}

function namesAfter(
  names: ReadonlyMap<string, string>,
  events: readonly RoomEvent[],
): ReadonlyMap<string, string> {
  const changed = new Map(names);
  for (const { type, state_key: userId, content } of events) {
    const name = content['displayname'];
    if (type === 'm.room.member' && userId !== undefined && typeof name === 'string' && name !== '')
      changed.set(userId, name);
  }
  return changed;
}

/** Undefined where the answer does not tell. */
function typingAfter(room: RoomAnswer, self: string): string[] | undefined {
  const event = room.ephemeral.events.findLast(({ type }) => type === 'm.typing');
  const ids = event?.content['user_ids'];
  if (!Array.isArray(ids)) return undefined;
  return ids.filter((id) => typeof id === 'string' && id !== self);
}
