import { AIMessage, HumanMessage } from '@langchain/core/messages';
import type { RunnableConfig } from '@langchain/core/runnables';
import {
  type BaseCheckpointSaver,
  type Checkpoint,
  type CheckpointListOptions,
  type CheckpointTuple,
  MemorySaver,
  uuid6,
} from '@langchain/langgraph-checkpoint';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { BufferedSaver } from '#checkpoint/buffered-saver';
import { executeWrites } from '#checkpoint/execute-writes';
import { encodeKeyPart } from '#checkpoint/key-part';
import { RedisSaver } from '#checkpoint/redis-saver';
import { uniquePrefix } from '../support/unique-prefix.ts';

let redis: Redis;
beforeAll(() => {
  redis = new Redis(inject('redisUrl'));
});
afterAll(() => redis.quit());

const threads = ['!room:host|$thread|@user:host', 'a{b}', 'a%7Bb%7D'];
const namespaces = ['', 'sub', 'node:1|*?[]'];

const edits = fc.constantFrom(
  'append',
  'append',
  'append',
  'shrink',
  'rewrite',
  'change last',
  'change inside',
  'scalar',
  'drop',
);
const place = { thread: fc.nat(threads.length - 1), ns: fc.nat(namespaces.length - 1) };
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('put' as const),
      ...place,
      edits: fc.array(edits, { maxLength: 4 }),
      parent: fc.nat(20),
      isFork: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('writes' as const),
      ...place,
      of: fc.nat(20),
      task: fc.nat(2),
      channels: fc.array(fc.constantFrom('log', '__interrupt__', '__resume__', '__error__', 'x'), {
        minLength: 1,
        maxLength: 3,
      }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('read' as const),
      ...place,
      of: fc.nat(20),
      isLatest: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('list' as const),
      ...place,
      isAnyNs: fc.boolean(),
      limit: fc.option(fc.nat(3), { nil: undefined }),
      before: fc.option(fc.nat(20), { nil: undefined }),
      source: fc.constantFrom(undefined, 'loop', 'input'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('commit' as const), isRepeated: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), thread: place.thread }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** What a graph would hold: the live values of each checkpoint it put, by thread and namespace. */
class Driver {
  readonly #savers: BaseCheckpointSaver[];
  readonly #commit: (isRepeated: boolean) => Promise<void>;
  readonly #made = new Map<string, Checkpoint[]>();
  #serial = 0;

  constructor(savers: BaseCheckpointSaver[], commit: (isRepeated: boolean) => Promise<void>) {
    this.#savers = savers;
    this.#commit = commit;
  }

  async run(one: Step): Promise<void> {
    if (one.kind === 'commit') return this.#commit(one.isRepeated);
    if (one.kind === 'delete') return this.#delete(threads[one.thread] ?? '');
    const thread = threads[one.thread] ?? '';
    const ns = namespaces[one.ns] ?? '';
    const made = this.#made.get(JSON.stringify([thread, ns])) ?? [];
    this.#made.set(JSON.stringify([thread, ns]), made);
    const pick = (n: number) => made[n % Math.max(made.length, 1)];
    const configOf = (id?: string) => ({
      configurable: { thread_id: thread, checkpoint_ns: ns, ...(id !== undefined && { checkpoint_id: id }) },
    });
    if (one.kind === 'put') {
      const parent = one.isFork ? await this.#stored(configOf(pick(one.parent)?.id)) : made.at(-1);
      const { checkpoint, newVersions } = this.#edit(parent, one.edits);
      made.push(checkpoint);
      const metadata = {
        source: one.isFork ? ('input' as const) : ('loop' as const),
        step: this.#serial,
        parents: {},
      };
      await this.#both((saver) => saver.put(configOf(parent?.id), checkpoint, metadata, newVersions));
    } else if (one.kind === 'writes') {
      const of = pick(one.of);
      if (of === undefined) return;
      this.#serial += 1;
      const writes = one.channels.map((channel, i): [string, unknown] => [
        channel,
        { n: this.#serial, i, text: 'ü\u0000\ud83d' },
      ]);
      await this.#both((saver) => saver.putWrites(configOf(of.id), writes, `task:${one.task}`));
    } else if (one.kind === 'read') {
      await this.#compare((saver) => saver.getTuple(configOf(one.isLatest ? undefined : pick(one.of)?.id)));
    } else {
      const options: CheckpointListOptions = {};
      if (one.limit !== undefined && !one.isAnyNs) options.limit = one.limit;
      const before = one.before === undefined ? undefined : pick(one.before);
      if (before !== undefined) options.before = configOf(before.id);
      if (one.source !== undefined) options.filter = { source: one.source };
      const config = one.isAnyNs ? { configurable: { thread_id: thread } } : configOf();
      await this.#compare((saver) => collect(saver.list(config, options), one.isAnyNs));
    }
  }

  /** A fork starts, as in LangGraph, from what is stored, not from live objects that moved on. */
  async #stored(config: RunnableConfig): Promise<Checkpoint | undefined> {
    return config.configurable?.['checkpoint_id'] && (await this.#savers[0]?.getTuple(config))?.checkpoint;
  }

  #edit(parent: Checkpoint | undefined, chosen: readonly string[]) {
    const values: Record<string, unknown> = { ...parent?.channel_values };
    const versions: Record<string, number> = Object.fromEntries(
      Object.entries(parent?.channel_versions ?? {}).map(([channel, version]) => [channel, Number(version)]),
    );
    const newVersions: Record<string, number> = {};
    for (const edit of chosen) {
      this.#serial += 1;
      const channel = edit === 'scalar' || edit === 'drop' ? 'x:{y}' : 'log';
      const log = Array.isArray(values['log']) ? values['log'] : [];
      values[channel] = this.#value(edit, log);
      if (edit === 'drop') delete values[channel];
      versions[channel] = Math.max(0, ...Object.values(versions)) + 1;
      newVersions[channel] = versions[channel];
    }
    const checkpoint: Checkpoint = {
      v: 4,
      id: uuid6(this.#serial),
      ts: new Date().toISOString(),
      channel_values: values,
      channel_versions: versions,
      versions_seen: { node: { log: this.#serial } },
    };
    return { checkpoint, newVersions };
  }

  #value(edit: string, log: unknown[]): unknown {
    const n = this.#serial;
    const fresh = [
      { n, nested: { list: [1, undefined, null], text: '\u202e<b>' }, long: 'x'.repeat(n % 200) },
      n % 2 === 0
        ? new HumanMessage({ content: `hi ${n}`, id: `h${n}` })
        : new AIMessage({ content: `yo ${n}`, id: `a${n}` }),
      new Map([['at', new Date(n)]]),
      Number.NaN,
    ].slice(0, 1 + (n % 4));
    if (edit === 'append') return [...log, ...fresh];
    if (edit === 'shrink') return log.slice(0, -1);
    if (edit === 'rewrite') return fresh;
    if (edit === 'change last') return [...log.slice(0, -1), ...fresh];
    if (edit === 'change inside') {
      // In place, as careless user code does: the list and all its other elements stay the same objects.
      const first = log[0];
      if (typeof first === 'object' && first !== null && 'nested' in first)
        Object.assign(first, { nested: n });
      return log;
    }
    return n % 3 === 0 ? new Uint8Array([0, 255, n % 256]) : { n, text: 'y'.repeat(n % 300) };
  }

  async #delete(thread: string): Promise<void> {
    for (const ns of namespaces) this.#made.delete(JSON.stringify([thread, ns]));
    await this.#both((saver) => saver.deleteThread(thread));
  }

  async #both(act: (saver: BaseCheckpointSaver) => Promise<unknown>): Promise<void> {
    for (const saver of this.#savers) await act(saver);
  }

  async #compare(
    ask: (saver: BaseCheckpointSaver) => Promise<CheckpointTuple | CheckpointTuple[] | undefined>,
  ) {
    const [expected, ...answers] = await Promise.all(
      this.#savers.map(async (saver) => normalise(await ask(saver))),
    );
    for (const answer of answers) expect(answer).toEqual(expected);
  }
}

function normalise(answer: CheckpointTuple | CheckpointTuple[] | undefined): unknown {
  if (Array.isArray(answer)) return answer.map(normalise);
  if (answer === undefined) return undefined;
  const writes = (answer.pendingWrites ?? []).map((write) => JSON.stringify(write)).sort();
  // Messages compare by what they say: how a constructor was called shows in lc_kwargs only.
  return JSON.parse(JSON.stringify({ ...answer, pendingWrites: writes }));
}

async function collect(
  list: AsyncGenerator<CheckpointTuple>,
  isUnordered: boolean,
): Promise<CheckpointTuple[]> {
  const tuples: CheckpointTuple[] = [];
  for await (const tuple of list) tuples.push(tuple);
  return isUnordered ? tuples.sort((a, b) => (a.checkpoint.id < b.checkpoint.id ? 1 : -1)) : tuples;
}

function open(cacheEntries: number): RedisSaver {
  const prefix = uniquePrefix('model');
  const keyOf = (threadId: string) => `${prefix}:{3}:thread:${encodeKeyPart(threadId)}`;
  return new RedisSaver({ redis, keyOf, ttlMs: 60_000, cacheEntries });
}

describe('a random history', () => {
  it.each([0, 1, 256])('reads from Redis as from memory with a cache of %i entries', async (cacheEntries) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60, size: 'max' }), async (steps) => {
        const driver = new Driver([new MemorySaver(), open(cacheEntries)], async () => undefined);
        for (const one of steps) await driver.run(one);
      }),
      { numRuns: 40 },
    );
  });

  it('reads from a buffer as from memory, whenever it is committed, also twice', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60, size: 'max' }), async (steps) => {
        const saver = open(256);
        const turn = new BufferedSaver(saver);
        const driver = new Driver([new MemorySaver(), turn], async (isRepeated) => {
          const writes = turn.takeWrites();
          await executeWrites(redis, writes);
          if (isRepeated) await executeWrites(redis, turn.takeWrites());
          await turn.committed();
        });
        for (const one of steps) await driver.run(one);
      }),
      { numRuns: 60 },
    );
  });

  it('reads in one process what another wrote in between', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(step, fc.boolean()), { minLength: 5, maxLength: 60, size: 'max' }),
        async (steps) => {
          const prefix = uniquePrefix('model');
          const keyOf = (threadId: string) => `${prefix}:{3}:thread:${encodeKeyPart(threadId)}`;
          const processes = [new RedisSaver({ redis, keyOf }), new RedisSaver({ redis, keyOf })] as const;
          let current: RedisSaver = processes[0];
          const either = new Proxy(processes[0], {
            get: (_, name) => {
              const member: unknown = Reflect.get(current, name, current);
              return typeof member === 'function' ? member.bind(current) : member;
            },
          });
          const driver = new Driver([new MemorySaver(), either], async () => undefined);
          for (const [one, isSecond] of steps) {
            current = processes[isSecond ? 1 : 0];
            await driver.run(one);
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});
