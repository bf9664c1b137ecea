import type { MemoryPolicy } from '#playbook/policies';
import type { Memory, Remembered } from './memory.ts';
import { boundMemory, mostMemories } from './memory-bounds.ts';
import { newestFirst, tellOfOrganisation, tellOfPerson } from './tell-memories.ts';

interface Kept {
  readonly user: string;
  readonly organisation: string;
  readonly memory: Remembered;
  readonly until: number;
}

interface Pattern {
  /** Time of the latest report, by person. */
  readonly people: Map<string, number>;
  alert: { readonly turn: string; readonly people: number; readonly until: number } | undefined;
}

/** The memory in this process, for tests of playbooks. `now` in ms. Keeps all promises but that of outliving it. */
export function createLocalMemory(policy: MemoryPolicy, now: () => number = Date.now): Memory {
  let kept: Kept[] = [];
  const patterns = new Map<string, Pattern>();
  const live = (): Kept[] => {
    kept = kept.filter(({ until }) => until > now());
    return kept;
  };
  const trim = (isOf: (one: Kept) => boolean): void => {
    const of = newestFirst(kept.filter(isOf).map((one) => ({ ...one, at: one.memory.at })));
    const gone = new Set(of.slice(mostMemories).map(({ memory }) => memory));
    kept = kept.filter(({ memory }) => !gone.has(memory));
  };
  return {
    recall: async ({ user, organisation }) => {
      const own = live().filter((one) => one.user === user);
      const others = live().filter((one) => one.organisation === organisation && one.user !== user);
      const shared = organisation === '' ? [] : others;
      return [
        ...tellOfPerson(own.map(({ memory }) => memory)),
        ...tellOfOrganisation(
          organisation,
          shared.map(({ memory }) => memory),
        ),
      ];
    },
    remember: async ({ user, organisation }, memory) => {
      kept = live().filter((one) => one.user !== user || one.memory.id !== memory.id);
      const until = now() + policy.ttlSeconds * 1_000;
      kept.push({ user, organisation, memory: boundMemory(memory), until });
      trim((one) => one.user === user);
    },
    forget: async ({ user }, turns) => {
      kept = kept.filter((one) => one.user !== user || !turns.includes(one.memory.id));
    },
    erase: async (user) => {
      const before = live().length;
      kept = kept.filter((one) => one.user !== user);
      for (const { people } of patterns.values()) people.delete(user);
      return before - kept.length;
    },
    report: async ({ user, organisation }, topic, turn) => {
      if (organisation === '') return null;
      const key = JSON.stringify([organisation, topic]);
      const pattern = patterns.get(key) ?? { people: new Map<string, number>(), alert: undefined };
      patterns.set(key, pattern);
      return reportTo(pattern, { user, turn, at: now() }, policy.pattern);
    },
  };
}

/** What `report.lua` does. */
function reportTo(
  pattern: Pattern,
  { user, turn, at }: { user: string; turn: string; at: number },
  policy: MemoryPolicy['pattern'],
): number | null {
  const windowMs = policy.withinSeconds * 1_000;
  pattern.people.set(user, at);
  for (const [person, time] of pattern.people) if (time <= at - windowMs) pattern.people.delete(person);
  if (pattern.alert !== undefined && pattern.alert.until > at) {
    return pattern.alert.turn === turn ? pattern.alert.people : null;
  }
  const people = pattern.people.size;
  if (people < policy.users) return null;
  pattern.alert = { turn, people, until: at + windowMs };
  return people;
}
