import type { SerializerProtocol } from '@langchain/langgraph-checkpoint';
import { RedisStore } from '#checkpoint/redis-store';
import type { RedisClient } from '#streams/redis-client';
import { createMemoryKeys, shortDigest } from './memory-keys.ts';
import { organisationOf } from './organisation-of.ts';

/**
 * Removes everything that the memory in Redis holds about a person: conversations, what organisations count of them,
 * and reports of patterns. Reads again what it removed from: it resolves only when nothing is left there.
 *
 * @returns the number of conversations that were remembered.
 */
export async function eraseMemories(
  { redis, prefix }: { redis: RedisClient; prefix: string },
  user: string,
): Promise<number> {
  const keys = createMemoryKeys(prefix);
  const enlisted = await redis.smembers(keys.organisations(user));
  const organisations = [...new Set([organisationOf(user), ...enlisted])];
  const person = shortDigest(user);
  const open = (store: string) => new RedisStore({ redis, prefix: store, serde: blind });
  const shared = organisations.map(async (organisation) => {
    const topics = await redis.smembers(keys.topics(organisation));
    await Promise.all(topics.map((topic) => redis.zrem(keys.pattern(organisation, topic), person)));
    return removeAll(open(keys.organisationStore(organisation)), [person]);
  });
  const [own, ...ofOrganisations] = await Promise.all([removeAll(open(keys.userStore(user)), []), ...shared]);
  await redis.del(keys.organisations(user));
  // An organisation may still count a conversation that the person's own store gave up for newer ones.
  return Math.max(
    own,
    ofOrganisations.reduce((sum, removed) => sum + removed, 0),
  );
}

/** Removing needs no look at what it is, and thus no key. */
const blind: SerializerProtocol = {
  dumpsTyped: async () => ['nothing', new Uint8Array()],
  loadsTyped: async () => ({}),
};

async function removeAll(store: RedisStore, namespace: string[]): Promise<number> {
  let removed = 0;
  for (;;) {
    const items = await store.search(namespace, { limit: Number.MAX_SAFE_INTEGER });
    if (items.length === 0) return removed;
    await store.batch(items.map((item) => ({ namespace: item.namespace, key: item.key, value: null })));
    removed += items.length;
  }
}
