import { Annotation, Command, END, interrupt, START, StateGraph } from '@langchain/langgraph';
import { Cluster, Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BufferedSaver } from '#checkpoint/buffered-saver';
import { executeWrites } from '#checkpoint/execute-writes';
import { encodeKeyPart } from '#checkpoint/key-part';
import { RedisSaver } from '#checkpoint/redis-saver';
import { RedisStore } from '#checkpoint/redis-store';
import { type RedisCluster, startCluster } from '../support/start-cluster.ts';
import { uniquePrefix } from '../support/unique-prefix.ts';

let servers: RedisCluster;
let redis: Cluster;
beforeAll(async () => {
  servers = await startCluster();
  redis = new Cluster(servers.nodes);
});
afterAll(async () => {
  await redis?.quit();
  await servers?.stop();
});

const State = Annotation.Root({
  log: Annotation<string[]>({ reducer: (before, more) => before.concat(more), default: () => [] }),
});
const builder = new StateGraph(State)
  .addNode('ask', () => ({ log: [`heard ${interrupt('what?')}`] }))
  .addNode('tell', () => ({ log: ['told'] }))
  .addEdge(START, 'ask')
  .addEdge('ask', 'tell')
  .addEdge('tell', END);

describe('a saver on a Redis Cluster', () => {
  it('keeps every thread in one slot and threads in many', async () => {
    const prefix = uniquePrefix('cluster');
    const keyOf = (threadId: string) => `${prefix}:{${encodeKeyPart(threadId)}}`;
    const saver = new RedisSaver({ redis, keyOf, ttlMs: 60_000, keep: 2, threadsKey: `${prefix}:threads` });
    const graph = builder.compile({ checkpointer: saver });
    const slots = new Set<number>();
    for (let i = 0; i < 12; i += 1) {
      const config = { configurable: { thread_id: `!room{${i}}:host/$*?[]` } };
      for (const round of ['one', 'two', 'three']) {
        await graph.invoke({ log: [round] }, config);
        const state = await graph.invoke(new Command({ resume: round }), config);
        expect(state.log.slice(-3)).toEqual([round, `heard ${round}`, 'told']);
      }
      const keys = saver.keysOf(config.configurable.thread_id);
      const [data, index] = await Promise.all(
        [keys.data, keys.index].map((key) => redis.cluster('KEYSLOT', key)),
      );
      expect(data).toBe(index);
      slots.add(Number(data));
      expect(await saver.prune(config.configurable.thread_id)).toBeGreaterThanOrEqual(0);
    }
    expect(slots.size).toBeGreaterThan(3);
    const listed = new Set<string>();
    for await (const { config } of saver.list({ configurable: {} }, { filter: { source: 'loop' } })) {
      listed.add(config.configurable?.['thread_id']);
    }
    expect(listed.size).toBe(12);
    await saver.deleteThread('!room{3}:host/$*?[]');
    expect(await saver.getTuple({ configurable: { thread_id: '!room{3}:host/$*?[]' } })).toBeUndefined();
  });

  it('gives away the writes of a turn that one transaction of one slot can take', async () => {
    const prefix = uniquePrefix('cluster');
    const saver = new RedisSaver({
      redis,
      keyOf: (threadId) => `${prefix}:{3}:thread:${encodeKeyPart(threadId)}`,
      threadsKey: `${prefix}:{3}:threads`,
    });
    const config = { configurable: { thread_id: 'a{b}' }, durability: 'exit' as const };
    for (const isAnswer of [false, true]) {
      const turn = new BufferedSaver(saver);
      const graph = builder.compile({ checkpointer: turn });
      await graph.invoke(isAnswer ? new Command({ resume: 'yes' }) : { log: ['go'] }, config);
      const writes = turn.takeWrites();
      expect(new Set(await Promise.all(writes.map(({ key }) => redis.cluster('KEYSLOT', key)))).size).toBe(1);
      await executeWrites(redis, writes);
      await turn.committed();
    }
    const tuple = await saver.getTuple({ configurable: { thread_id: 'a{b}' } });
    expect(tuple?.checkpoint.channel_values['log']).toEqual(['go', 'heard yes', 'told']);
  });

  it('finds its script again on a node that forgot it', async () => {
    const saver = new RedisSaver({ redis });
    const graph = builder.compile({ checkpointer: saver });
    await graph.invoke({ log: ['go'] }, { configurable: { thread_id: 'forgotten' } });
    for (const { host, port } of servers.nodes) {
      const node = new Redis(port, host);
      await node.script('FLUSH');
      node.disconnect();
    }
    expect(await saver.getTuple({ configurable: { thread_id: 'forgotten' } })).toBeDefined();
  });
});

describe('a store on a Redis Cluster', () => {
  it('stores, searches, lists and deletes within one slot', async () => {
    const store = new RedisStore({ redis, prefix: `${uniquePrefix('cluster')}:{3}:memory`, ttlMs: 60_000 });
    await store.put(['users', '@a:host'], 'colour', { text: 'likes green' });
    await store.put(['users', '@b:host'], 'colour', { text: 'likes blue' });
    expect(await store.get(['users', '@a:host'], 'colour')).toMatchObject({ value: { text: 'likes green' } });
    expect(await store.search(['users'], { query: 'blue' })).toMatchObject([
      { namespace: ['users', '@b:host'] },
    ]);
    expect(await store.listNamespaces({ prefix: ['users'] })).toEqual([
      ['users', '@a:host'],
      ['users', '@b:host'],
    ]);
    await store.delete(['users', '@a:host'], 'colour');
    expect(await store.search(['users'])).toHaveLength(1);
  });
});
