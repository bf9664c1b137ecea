import { AIMessage, HumanMessage } from '@langchain/core/messages';
import {
  Annotation,
  Command,
  END,
  interrupt,
  MessagesAnnotation,
  START,
  StateGraph,
} from '@langchain/langgraph';
import {
  type Checkpoint,
  emptyCheckpoint,
  INTERRUPT,
  type SerializerProtocol,
  uuid6,
} from '@langchain/langgraph-checkpoint';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { BufferedSaver } from '#checkpoint/buffered-saver';
import { CheckpointConfigError, CheckpointDataError, CheckpointWriteError } from '#checkpoint/errors';
import { executeWrites } from '#checkpoint/execute-writes';
import { encodeKeyPart } from '#checkpoint/key-part';
import { RedisSaver, type RedisSaverOptions } from '#checkpoint/redis-saver';
import type { RedisWrite } from '#checkpoint/redis-write';
import { eventually } from '../support/eventually.ts';
import { uniquePrefix } from '../support/unique-prefix.ts';

let redis: Redis;
beforeAll(() => {
  redis = new Redis(inject('redisUrl'));
});
afterAll(() => redis.quit());

function open(options: Partial<RedisSaverOptions> = {}): RedisSaver {
  const prefix = uniquePrefix('saver');
  const keyOf = (threadId: string) => `${prefix}:{3}:thread:${encodeKeyPart(threadId)}`;
  return new RedisSaver({ redis, keyOf, ...options });
}

/** The same threads seen by a process that has nothing cached. */
function coldly(saver: RedisSaver): RedisSaver {
  return new RedisSaver({ redis, keyOf: () => saver.keysOf('t').data.replace(/:data$/, '') });
}

const State = Annotation.Root({ ...MessagesAnnotation.spec, count: Annotation<number>() });
const builder = new StateGraph(State)
  .addNode('number', ({ count }) => ({ count: (count ?? 0) + 1 }))
  .addNode('ask', ({ messages }) =>
    messages.at(-1)?.content === 'ask' ? { count: interrupt('how many?') } : {},
  )
  .addNode('tell', ({ messages }) => ({
    messages: [new AIMessage({ content: 'a steady answer', id: `a${messages.length}` })],
  }))
  .addEdge(START, 'number')
  .addEdge('number', 'ask')
  .addEdge('ask', 'tell')
  .addEdge('tell', END);

async function takeTurn(
  saver: RedisSaver,
  input: Parameters<ReturnType<typeof builder.compile>['invoke']>[0],
  threadId = 't',
) {
  const turn = new BufferedSaver(saver);
  const config = { configurable: { thread_id: threadId }, durability: 'exit' as const };
  const output = await builder.compile({ checkpointer: turn }).invoke(input, config);
  const writes = turn.takeWrites();
  await executeWrites(redis, writes);
  await turn.committed();
  return { output, writes };
}

const say = (content: string, id: string) => ({ messages: [new HumanMessage({ content, id })] });

function sizeOf(writes: readonly RedisWrite[]): number {
  const sizes = writes
    .flatMap(({ command, key, args }) => [command, key, ...args])
    .map((part) => Buffer.byteLength(part));
  return sizes.reduce((sum, size) => sum + size, 0);
}

describe('the cost of a turn', () => {
  it('is a few commands of about 1 KB, as small at turn 200 as at turn 1', async () => {
    const saver = open({ ttlMs: 60_000 });
    const costs: { commands: number; bytes: number }[] = [];
    for (let turn = 1; turn <= 200; turn += 1) {
      const { writes } = await takeTurn(saver, say('an ordinary question', `h${turn}`));
      costs.push({ commands: writes.length, bytes: sizeOf(writes) });
    }
    expect(costs[0]?.bytes).toBeLessThan(1300);
    expect(Math.max(...costs.map(({ commands }) => commands))).toBeLessThanOrEqual(4);
    expect(costs[199]?.bytes ?? Number.NaN).toBeLessThanOrEqual(1.3 * (costs[0]?.bytes ?? Number.NaN));
    const tuple = await new RedisSaver({
      redis,
      keyOf: () => saver.keysOf('t').data.replace(/:data$/, ''),
    }).getTuple({
      configurable: { thread_id: 't' },
    });
    expect(tuple?.checkpoint.channel_values['messages']).toHaveLength(400);
  });

  it('reads no history that the process knows already, and only the new tail of what another process added', async () => {
    const here = open();
    const there = new RedisSaver({ redis, keyOf: () => here.keysOf('t').data.replace(/:data$/, '') });
    for (let turn = 1; turn <= 50; turn += 1) await takeTurn(here, say('a question', `h${turn}`));
    const cold = await bytesRead(() => there.read('t', '', undefined));
    const warm = await bytesRead(() => here.read('t', '', undefined));
    await takeTurn(there, say('a question', 'h51'));
    const tail = await bytesRead(() => here.read('t', '', undefined));
    expect(warm).toBeLessThan(400);
    expect(tail).toBeLessThan(2000);
    expect(cold).toBeGreaterThan(10_000);
    const tuple = await here.getTuple({ configurable: { thread_id: 't' } });
    expect(tuple?.checkpoint.channel_values['messages']).toHaveLength(102);
  });
});

/** What this file's own connection received meanwhile. */
async function bytesRead(act: () => Promise<unknown>): Promise<number> {
  const before = redis.stream.bytesRead;
  await act();
  return redis.stream.bytesRead - before;
}

describe('thread ids', () => {
  it('never collide and never leave their slot, whatever they contain', async () => {
    const ids = [
      'a',
      'a:data',
      'a{b}',
      'a%7Bb%7D',
      '{}',
      '*',
      '?[]',
      ' ',
      '\u0000',
      '\ud83d',
      '\ud83e',
      '\ufffd',
      '😀',
      '!r:h|$t/@u:h',
      '__proto__',
      'a\nb',
    ];
    for (const keyOf of [
      undefined,
      open()
        .keysOf('')
        .data.replace(/:data$/, ''),
    ]) {
      const saver = new RedisSaver({
        redis,
        ...(keyOf !== undefined && { keyOf: (id: string) => keyOf + encodeKeyPart(id) }),
      });
      for (const id of ids) await takeTurn(saver, say(`I am ${JSON.stringify(id)}`, 'h'), id);
      for (const id of ids) {
        const tuple = await saver.getTuple({ configurable: { thread_id: id } });
        const [first] = (tuple?.checkpoint.channel_values['messages'] ?? []) as HumanMessage[];
        expect(first?.content).toBe(`I am ${JSON.stringify(id)}`);
      }
      const keys = ids.flatMap((id) => Object.values(saver.keysOf(id)));
      expect(new Set(keys.map((key) => Buffer.from(key).toString('hex'))).size).toBe(2 * ids.length);
      for (const id of ids) await saver.deleteThread(id);
      expect(await redis.exists(...keys)).toBe(0);
    }
  });

  it('need keys with a hash tag', async () => {
    const saver = new RedisSaver({ redis, keyOf: (id) => `plain:${id}` });
    await expect(saver.getTuple({ configurable: { thread_id: 't' } })).rejects.toThrow(CheckpointConfigError);
  });
});

describe('expiry', () => {
  it('is set on every key of a thread by each save and restored by a read in its second half', async () => {
    const saver = open({ ttlMs: 60_000 });
    await takeTurn(saver, say('hi', 'h1'));
    const keys = Object.values(saver.keysOf('t'));
    const lifetimes = () => Promise.all(keys.map((key) => redis.pttl(key)));
    expect(Math.min(...(await lifetimes()))).toBeGreaterThan(50_000);
    for (const key of keys) await redis.pexpire(key, 20_000);
    await saver.getTuple({ configurable: { thread_id: 't' } });
    expect(Math.min(...(await lifetimes()))).toBeGreaterThan(50_000);
  });

  it('forgets a thread whole, and a turn that had read it before stores it whole again', async () => {
    const saver = open();
    await takeTurn(saver, say('hi', 'h1'));
    const tuple = await saver.getTuple({ configurable: { thread_id: 't' } });
    for (const key of Object.values(saver.keysOf('t'))) await redis.pexpire(key, 1);
    await eventually(async () => (await redis.exists(...Object.values(saver.keysOf('t')))) === 0);
    const values = tuple?.checkpoint.channel_values ?? {};
    const messages = [
      ...(values['messages'] as HumanMessage[]),
      new HumanMessage({ content: 'x'.repeat(200), id: 'h2' }),
    ];
    const checkpoint: Checkpoint = {
      ...(tuple?.checkpoint ?? emptyCheckpoint()),
      id: uuid6(9),
      channel_values: { ...values, messages },
    };
    await saver.put(
      tuple?.config ?? {},
      checkpoint,
      { source: 'loop', step: 9, parents: {} },
      { messages: 99 },
    );
    const again = await coldly(saver).getTuple({ configurable: { thread_id: 't' } });
    expect(again?.checkpoint.channel_values['messages']).toHaveLength(3);
    expect(again?.checkpoint.channel_values['count']).toBe(1);
  });
});

describe('pruning', () => {
  it('keeps the newest, every unanswered question, and all values that these need', async () => {
    const saver = open({ keep: 3 });
    await takeTurn(saver, say('ask', 'q1'));
    const asked = await saver.getTuple({ configurable: { thread_id: 't' } });
    for (let turn = 1; turn <= 40; turn += 1) await takeTurn(saver, say('go on', `h${turn}`));
    await saver.prune('t');
    const kept: string[] = [];
    for await (const { checkpoint } of saver.list({ configurable: { thread_id: 't' } }))
      kept.push(checkpoint.id);
    expect(kept).toHaveLength(4);
    expect(kept.at(-1)).toBe(asked?.checkpoint.id);
    const cold = new RedisSaver({ redis, keyOf: () => saver.keysOf('t').data.replace(/:data$/, '') });
    const newest = await cold.getTuple({ configurable: { thread_id: 't' } });
    expect(newest?.checkpoint.channel_values['messages']).toHaveLength(81);
    const question = await cold.getTuple(asked?.config ?? {});
    expect(question?.pendingWrites?.map(([, channel]) => channel)).toContain(INTERRUPT);
    expect(question?.checkpoint.channel_values['messages']).toHaveLength(1);
  });

  it('drops a question once it is answered, with its writes, and goes by itself', async () => {
    const saver = open({ keep: 2 });
    const { output } = await takeTurn(saver, say('ask', 'q1'));
    const [question] = Reflect.get(output, INTERRUPT) as { id: string }[];
    await takeTurn(saver, new Command({ resume: { [question?.id ?? '']: 7 } }));
    for (let turn = 1; turn <= 30; turn += 1) await takeTurn(saver, say('go on', `h${turn}`));
    const { data, index } = saver.keysOf('t');
    expect(await redis.zcard(index)).toBeLessThan(12);
    await saver.prune('t');
    expect(await redis.zcard(index)).toBe(2);
    const fields = await redis.hkeys(data);
    expect(fields.filter((field) => field.startsWith('w:'))).toEqual([]);
    expect(fields.filter((field) => field.startsWith('c:'))).toHaveLength(2);
  });

  it('drops the namespaces of finished subgraph runs', async () => {
    const inner = new StateGraph(State)
      .addNode('in', () => ({ count: 1 }))
      .addEdge(START, 'in')
      .addEdge('in', END);
    const outer = new StateGraph(State)
      .addNode('sub', inner.compile())
      .addEdge(START, 'sub')
      .addEdge('sub', END);
    const saver = open({ keep: 2 });
    const graph = outer.compile({ checkpointer: saver });
    for (let turn = 1; turn <= 12; turn += 1) {
      await graph.invoke(say('hi', `h${turn}`), { configurable: { thread_id: 't' }, durability: 'sync' });
    }
    await saver.prune('t');
    const namespaces: string[] = [];
    for await (const { config } of saver.list({ configurable: { thread_id: 't' } }))
      namespaces.push(config.configurable?.['checkpoint_ns']);
    expect(namespaces.filter((ns) => ns === '')).toHaveLength(2);
    expect(new Set(namespaces).size).toBeLessThanOrEqual(2);
  });
});

describe('a saved checkpoint', () => {
  const thread = { configurable: { thread_id: 't' } };
  const make = (values: Record<string, unknown>, versions: Record<string, number>): Checkpoint => ({
    ...emptyCheckpoint(),
    id: uuid6(0),
    channel_values: values,
    channel_versions: versions,
  });
  const loop = { source: 'loop' as const, step: 1, parents: {} };

  it('stays as it was saved when somebody changes what a read gave', async () => {
    const saver = open();
    await takeTurn(saver, say('hi', 'h1'));
    const spoiled = await saver.getTuple(thread);
    const messages = (spoiled?.checkpoint.channel_values['messages'] ?? []) as HumanMessage[];
    for (const message of messages) message.content = 'spoiled';
    Object.assign(spoiled?.checkpoint.channel_versions ?? {}, { messages: 99 });
    const plain = async (one: RedisSaver) => JSON.parse(JSON.stringify(await one.getTuple(thread)));
    expect(messages).toHaveLength(2);
    expect(await plain(saver)).toEqual(await plain(coldly(saver)));
    expect(JSON.stringify(await plain(saver))).not.toContain('spoiled');
  });

  it('has its own values when it is a copy put beside the original without new versions', async () => {
    const saver = open();
    const first = await saver.put(thread, make({ log: ['x'.repeat(200)] }, { log: 1 }), loop, { log: 1 });
    const second = make({ log: ['y'.repeat(200)] }, { log: 2 });
    await saver.put(first, second, loop, { log: 2 });
    await saver.put(first, { ...second, id: uuid6(1) }, { ...loop, source: 'fork' }, {});
    expect((await coldly(saver).getTuple(thread))?.checkpoint.channel_values).toEqual(second.channel_values);
    await saver.put(thread, { ...second, id: uuid6(2) }, { ...loop, source: 'fork' }, {});
    expect((await coldly(saver).getTuple(thread))?.checkpoint.channel_values).toEqual(second.channel_values);
  });

  it('keeps its parent and its values when it is put upon itself', async () => {
    const saver = open();
    const first = await saver.put(thread, make({ log: ['x'.repeat(200)] }, { log: 1 }), loop, { log: 1 });
    const own = make({ log: ['x'.repeat(200), 'more'] }, { log: 2 });
    const second = await saver.put(first, own, loop, { log: 2 });
    await saver.put(second, { ...own, versions_seen: { __interrupt__: { log: 2 } } }, loop, {});
    const tuple = await coldly(saver).getTuple(thread);
    expect(tuple?.parentConfig).toEqual(first);
    expect(tuple?.checkpoint.channel_values).toEqual(own.channel_values);
    expect(tuple?.checkpoint.versions_seen).toEqual({ __interrupt__: { log: 2 } });
  });

  it('keeps the first outcome of a task and the last interrupt, in a buffer as in Redis', async () => {
    const saver = open();
    const turn = new BufferedSaver(saver);
    for (const one of [saver, turn]) {
      const config = await one.put(thread, make({}, {}), loop, {});
      await one.putWrites(
        config,
        [
          ['log', 'first'],
          [INTERRUPT, 'first'],
        ],
        'task',
      );
      await one.putWrites(
        config,
        [
          ['log', 'second'],
          [INTERRUPT, 'second'],
        ],
        'task',
      );
      const writes = (await one.getTuple(config))?.pendingWrites ?? [];
      expect(writes.toSorted()).toEqual([
        ['task', INTERRUPT, 'second'],
        ['task', 'log', 'first'],
      ]);
    }
    const before = await turn.getTuple(thread);
    await executeWrites(redis, turn.takeWrites());
    expect(await coldly(saver).getTuple(thread)).toEqual(before);
  });
});

describe('a buffered turn', () => {
  it('shows its own saves to itself and to nobody else until they are committed', async () => {
    const saver = open();
    const turn = new BufferedSaver(saver);
    const config = { configurable: { thread_id: 't' }, durability: 'sync' as const };
    await builder.compile({ checkpointer: turn }).invoke(say('hi', 'h1'), config);
    expect((await turn.getTuple(config))?.checkpoint.channel_values['messages']).toHaveLength(2);
    expect(await saver.getTuple(config)).toBeUndefined();
    await executeWrites(redis, turn.takeWrites());
    await turn.committed();
    expect(turn.takeWrites()).toEqual([]);
    expect((await saver.getTuple(config))?.checkpoint.channel_values['messages']).toHaveLength(2);
  });

  it('keeps what was saved between taking and committing for the next taking', async () => {
    const saver = open();
    const turn = new BufferedSaver(saver);
    const graph = builder.compile({ checkpointer: turn });
    const config = { configurable: { thread_id: 't' }, durability: 'exit' as const };
    await graph.invoke(say('one', 'h1'), config);
    const first = turn.takeWrites();
    await graph.invoke(say('two', 'h2'), config);
    await executeWrites(redis, first);
    await turn.committed();
    await executeWrites(redis, turn.takeWrites());
    await turn.committed();
    expect((await saver.getTuple(config))?.checkpoint.channel_values['messages']).toHaveLength(4);
  });

  it('forgets a discarded turn, even what it changed in place', async () => {
    const saver = open();
    const careless = new StateGraph(State)
      .addNode('spoil', ({ messages }) => {
        for (const message of messages) message.content = 'spoiled';
        throw new Error('no luck');
      })
      .addEdge(START, 'spoil')
      .addEdge('spoil', END);
    await takeTurn(saver, say('hi', 'h1'));
    const turn = new BufferedSaver(saver);
    const config = { configurable: { thread_id: 't' }, durability: 'exit' as const };
    await expect(careless.compile({ checkpointer: turn }).invoke(say('ho', 'h2'), config)).rejects.toThrow(
      'no luck',
    );
    turn.discarded();
    expect(turn.takeWrites()).toEqual([]);
    const tuple = await new BufferedSaver(saver).getTuple(config);
    const messages = (tuple?.checkpoint.channel_values['messages'] ?? []) as HumanMessage[];
    expect(messages.map(({ content }) => content)).toEqual(['hi', 'a steady answer']);
  });

  it('deletes a thread with the commit', async () => {
    const saver = open();
    await takeTurn(saver, say('hi', 'h1'));
    const turn = new BufferedSaver(saver);
    await turn.deleteThread('t');
    expect(await turn.getTuple({ configurable: { thread_id: 't' } })).toBeUndefined();
    expect(await saver.getTuple({ configurable: { thread_id: 't' } })).toBeDefined();
    await executeWrites(redis, turn.takeWrites());
    await turn.committed();
    expect(await redis.exists(...Object.values(saver.keysOf('t')))).toBe(0);
  });
});

describe('what Redis holds', () => {
  it('is told apart by thread, place and remedy when it is damaged', async () => {
    const saver = open({ cacheEntries: 0 });
    await takeTurn(saver, say('x'.repeat(200), 'h1'));
    const { data } = saver.keysOf('t');
    const value = (await redis.hkeys(data)).find((field) => field.startsWith('v:')) ?? '';
    const config = { configurable: { thread_id: 't' } };
    await redis.hset(data, value, 'not a value');
    await expect(saver.getTuple(config)).rejects.toThrow(CheckpointDataError);
    await redis.hdel(data, value);
    await expect(saver.getTuple(config)).rejects.toThrow(/channel "messages".*missing.*deleteThread/s);
  });

  it('refuses a key of another type with what to mend', async () => {
    const saver = open();
    await redis.set(saver.keysOf('t').index, 'a string');
    const put = saver.put(
      { configurable: { thread_id: 't' } },
      emptyCheckpoint(),
      { source: 'input', step: -1, parents: {} },
      {},
    );
    await expect(put).rejects.toThrow(CheckpointWriteError);
    await expect(put).rejects.toThrow(/WRONGTYPE/);
  });

  it('is what the given serializer makes of it, and nothing readable beside names and ids', async () => {
    const serde: SerializerProtocol = {
      dumpsTyped: async (data) => [
        'masked',
        Buffer.from(JSON.stringify(data ?? null)).map((byte) => byte ^ 0x55),
      ],
      loadsTyped: async (_type, data) =>
        JSON.parse(
          Buffer.from(data)
            .map((byte) => byte ^ 0x55)
            .toString(),
        ),
    };
    const saver = open({ serde, cacheEntries: 0 });
    const config = { configurable: { thread_id: 't' } };
    const checkpoint = {
      ...emptyCheckpoint(),
      channel_values: { log: ['a secret', 'x'.repeat(200)], small: 'secret too' },
      channel_versions: { log: 1, small: 1 },
    };
    await saver.put(config, checkpoint, { source: 'input', step: -1, parents: {} }, { log: 1, small: 1 });
    const raw = (await redis.hvalsBuffer(saver.keysOf('t').data)).map(String).join();
    expect(raw).not.toContain('secret');
    expect((await saver.getTuple(config))?.checkpoint.channel_values).toEqual(checkpoint.channel_values);
  });
});
