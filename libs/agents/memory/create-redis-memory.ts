import type { SearchItem } from '@langchain/langgraph-checkpoint';
import { z } from 'zod';
import { StoreDataError } from '#checkpoint/errors';
import { RedisStore } from '#checkpoint/redis-store';
import { tones } from '#dialogue/understanding/understanding';
import type { MemoryPolicy } from '#playbook/policies';
import type { RedisClient } from '#streams/redis-client';
import { loadScript, runScript } from '#streams/script';
import { eraseMemories } from './erase-memories.ts';
import type { Memory } from './memory.ts';
import { boundMemory, mostMemories } from './memory-bounds.ts';
import { createMemoryKeys, shortDigest } from './memory-keys.ts';
import { organisationOf } from './organisation-of.ts';
import { createSealedSerde, type MemorySeal } from './sealed-serde.ts';
import { newestFirst, tellOfOrganisation, tellOfPerson } from './tell-memories.ts';

export interface RedisMemoryDeps extends MemorySeal {
  readonly redis: RedisClient;
  /** `KEY_PREFIX`. */
  readonly prefix: string;
  readonly policy: MemoryPolicy;
}

const reportScript = loadScript(new URL('report.lua', import.meta.url));

const kept = z.object({
  topics: z.array(z.string()),
  outcome: z.enum(['solved', 'unsolved', 'unknown']),
  at: z.iso.datetime(),
});
const keptOfPerson = kept.extend({ id: z.string(), summary: z.string(), tone: z.enum(tones) });

/** The namespace of a person's conversations in their own store. */
const conversations = ['conversations'];

/**
 * The memory in Redis: one store for each person and one for each organisation, sealed, bounded, and gone after the
 * policy's time. Holds no connection of its own and no state: make one for each playbook version.
 */
export function createRedisMemory(deps: RedisMemoryDeps): Memory {
  const { redis, policy } = deps;
  const keys = createMemoryKeys(deps.prefix);
  const ttlMs = Math.ceil(policy.ttlSeconds * 1_000);
  const windowMs = Math.ceil(policy.pattern.withinSeconds * 1_000);
  const serde = createSealedSerde(deps);
  const open = (prefix: string) => new RedisStore({ redis, prefix, ttlMs, serde });

  /**
   * Before anything is written to the organisation: what is not on this list could not be erased later. The one of the
   * account is always looked at, and needs no list.
   */
  async function enlist(user: string, organisation: string): Promise<void> {
    if (organisation === organisationOf(user)) return;
    const key = keys.organisations(user);
    await redis.multi().sadd(key, organisation).pexpire(key, Math.max(ttlMs, windowMs)).exec();
  }

  return {
    recall: async ({ user, organisation }) => {
      const [own, shared] = await Promise.all([
        readable(open(keys.userStore(user))),
        organisation === '' ? [] : readable(open(keys.organisationStore(organisation))),
      ]);
      const others = shared.filter(({ namespace }) => namespace[0] !== shortDigest(user));
      return [
        ...tellOfPerson(own.flatMap((item) => keptOfPerson.safeParse(item.value).data ?? [])),
        ...tellOfOrganisation(
          organisation,
          others.flatMap((item) => kept.safeParse(item.value).data ?? []),
        ),
      ];
    },
    remember: async ({ user, organisation }, memory) => {
      const bounded = boundMemory(memory);
      const { topics, outcome, at, id } = bounded;
      const writes = [add(open(keys.userStore(user)), conversations, id, bounded)];
      if (organisation !== '') {
        await enlist(user, organisation);
        const store = open(keys.organisationStore(organisation));
        writes.push(add(store, [shortDigest(user)], shortDigest(id), { topics, outcome, at }));
      }
      await Promise.all(writes);
    },
    forget: async ({ user, organisation }, turns) => {
      const own = turns.map((id) => ({ namespace: conversations, key: id }));
      const shared = turns.map((id) => ({ namespace: [shortDigest(user)], key: shortDigest(id) }));
      const removals = [remove(open(keys.userStore(user)), own)];
      if (organisation !== '') removals.push(remove(open(keys.organisationStore(organisation)), shared));
      await Promise.all(removals);
    },
    erase: (user) => eraseMemories(deps, user),
    report: async ({ user, organisation }, topic, turn) => {
      if (organisation === '') return null;
      await enlist(user, organisation);
      const touched = [
        keys.pattern(organisation, topic),
        keys.alerted(organisation, topic),
        keys.topics(organisation),
      ];
      const args = [shortDigest(user), topic, shortDigest(turn), policy.pattern.users, windowMs];
      const people = Number(await runScript(redis, reportScript, touched, args));
      return people > 0 ? people : null;
    },
  };
}

/** Nothing where a record was overwritten by hand: a conversation is worth more than what was said before. */
async function readable(store: RedisStore): Promise<SearchItem[]> {
  try {
    return await store.search([], { limit: Number.MAX_SAFE_INTEGER });
  } catch (error) {
    if (error instanceof StoreDataError) return [];
    throw error;
  }
}

async function add(store: RedisStore, namespace: string[], key: string, value: object): Promise<void> {
  await store.put(namespace, key, { ...value });
  const items = await readable(store);
  if (items.length <= mostMemories) return;
  const dated = items.map((item) => ({ ...item, at: kept.safeParse(item.value).data?.at ?? '' }));
  await remove(store, newestFirst(dated).slice(mostMemories));
}

async function remove(
  store: RedisStore,
  items: readonly Pick<SearchItem, 'namespace' | 'key'>[],
): Promise<void> {
  await store.batch(items.map(({ namespace, key }) => ({ namespace, key, value: null })));
}
