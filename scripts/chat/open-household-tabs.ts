import type { Household } from '../up/set-up-people.ts';
import { Person } from './person.ts';
import type { Tab } from './tab.ts';

export interface OpenTabs {
  readonly tabs: readonly [Tab, ...Tab[]];
  /** Signs everybody out again. */
  close(): Promise<void>;
}

type Who = Pick<Household, 'you' | 'reviewer' | 'adminRoom' | 'talkRoom'>;

/** You and the reviewer of an embedded homeserver, each in their room. */
export async function openHouseholdTabs(
  homeserver: string,
  { you, reviewer, adminRoom, talkRoom }: Who,
): Promise<OpenTabs> {
  const [user, decider] = await Promise.all([
    Person.signIn(homeserver, you.userId, you.password),
    Person.signIn(homeserver, reviewer.userId, reviewer.password),
  ]);
  return {
    tabs: [
      { name: 'you', person: user, room: talkRoom, title: 'Talk to vagent' },
      { name: 'reviewer', person: decider, room: adminRoom, title: 'vagent admin' },
    ],
    close: () => signOut([user, decider]),
  };
}

/** A homeserver that is gone already has nothing to forget. */
export async function signOut(people: readonly Person[]): Promise<void> {
  await Promise.allSettled(people.map((person) => person.signOut()));
}
