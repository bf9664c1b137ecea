import { AIMessage, type BaseMessage, HumanMessage } from '@langchain/core/messages';
import type { RunnableConfig } from '@langchain/core/runnables';
import {
  Annotation,
  Command,
  END,
  interrupt,
  MessagesAnnotation,
  START,
  StateGraph,
} from '@langchain/langgraph';
import { type BaseCheckpointSaver, MemorySaver } from '@langchain/langgraph-checkpoint';
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

const State = Annotation.Root({
  ...MessagesAnnotation.spec,
  count: Annotation<number>(),
  notes: Annotation<{ text: string }[]>(),
});

const inner = new StateGraph(State)
  .addNode('reviewed', ({ messages, count }) => {
    const answer: unknown = interrupt({ about: textOf(messages.at(-1)), count });
    return { messages: [new AIMessage({ content: `reviewed as ${answer}`, id: `r${count}` })] };
  })
  .addEdge(START, 'reviewed')
  .addEdge('reviewed', END);

/** Two branches that may both ask, one of them from inside a subgraph; lists that grow, shrink and are rewritten. */
const builder = new StateGraph(State)
  .addNode('hear', ({ count, notes }) => {
    const next = (count ?? 0) + 1;
    const kept = next % 3 === 0 ? (notes ?? []).slice(1) : (notes ?? []);
    return { count: next, notes: [...kept, { text: 'note '.repeat(20) + next }] };
  })
  .addNode('sub', inner.compile())
  .addNode('check', ({ count }) => {
    const answer: unknown = interrupt(`check ${count}`);
    return { messages: [new AIMessage({ content: `checked as ${answer}`, id: `c${count}` })] };
  })
  .addNode('tell', ({ messages, count }) => ({
    messages: [new AIMessage({ content: `told ${messages.length}`, id: `t${count}` })],
  }))
  .addEdge(START, 'hear')
  .addConditionalEdges('hear', ({ messages }) => {
    const text = textOf(messages.at(-1));
    if (text.startsWith('both')) return ['sub', 'check'];
    return text.startsWith('review') ? ['sub'] : ['tell'];
  })
  .addEdge('sub', 'tell')
  .addEdge('check', 'tell')
  .addEdge('tell', END);

const action = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('say' as const),
      text: fc.constantFrom('hello', 'review this', 'both', 'rewrite'),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('answer' as const), which: fc.nat(2), isAll: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('fork' as const), back: fc.nat(6) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('update' as const), text: fc.string() }) },
);
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;
type Durability = 'exit' | 'async' | 'sync';

const thread = { configurable: { thread_id: '!room:host|{x}' } };

/** Does one action on a graph with the given saver; what it says about the state afterwards must not differ. */
async function act(
  saver: BaseCheckpointSaver,
  one: Action,
  serial: number,
  durability: Durability,
): Promise<unknown> {
  const graph = builder.compile({ checkpointer: saver });
  const run = { ...thread, durability };
  if (one.kind === 'say') {
    await graph.invoke({ messages: [new HumanMessage({ content: one.text, id: `h${serial}` })] }, run);
  } else if (one.kind === 'update') {
    const messages = [new HumanMessage({ content: one.text, id: 'h1' })];
    await graph.updateState(thread, { messages }, 'tell');
  } else if (one.kind === 'answer') {
    const waiting = await waitingInterrupts(saver);
    if (waiting.length === 0) return 'nobody asks';
    const chosen = one.isAll ? waiting : [waiting[one.which % waiting.length] ?? ''];
    await graph.invoke(
      new Command({ resume: Object.fromEntries(chosen.map((id) => [id, `yes ${serial}`])) }),
      run,
    );
  } else {
    const history = await historyOf(saver);
    const from = history[one.back % Math.max(history.length, 1)];
    if (from === undefined) return 'no history';
    await graph.invoke(null, { ...run, ...from.config });
  }
  return describeState(saver);
}

async function waitingInterrupts(saver: BaseCheckpointSaver): Promise<string[]> {
  const state = await builder.compile({ checkpointer: saver }).getState(thread);
  return state.tasks
    .toSorted((a, b) => a.name.localeCompare(b.name))
    .flatMap((task) => task.interrupts.flatMap(({ id }) => (id === undefined ? [] : [id])));
}

async function historyOf(saver: BaseCheckpointSaver) {
  const history: { config: RunnableConfig }[] = [];
  for await (const state of builder.compile({ checkpointer: saver }).getStateHistory(thread))
    history.push(state);
  return history;
}

async function describeState(saver: BaseCheckpointSaver): Promise<unknown> {
  const graph = builder.compile({ checkpointer: saver });
  const said: unknown[] = [];
  for await (const { values, next, metadata, tasks } of graph.getStateHistory(thread)) {
    const messages = (values.messages ?? []).map((message: BaseMessage) => [
      message.getType(),
      message.id,
      textOf(message),
    ]);
    const questions = tasks
      .flatMap((task) => task.interrupts.map(({ value }) => JSON.stringify(value)))
      .sort();
    const { source, step } = metadata ?? {};
    said.push({
      messages,
      count: values.count,
      notes: values.notes,
      next: [...next].sort(),
      source,
      step,
      questions,
    });
  }
  return said;
}

function textOf(message: BaseMessage | undefined): string {
  return String(message?.content ?? '');
}

function open(options: { keep?: number; cacheEntries?: number } = {}): RedisSaver {
  const prefix = uniquePrefix('graph');
  const keyOf = (threadId: string) => `${prefix}:{3}:thread:${encodeKeyPart(threadId)}`;
  return new RedisSaver({ redis, keyOf, ttlMs: 60_000, ...options });
}

async function commit(turn: BufferedSaver): Promise<void> {
  await executeWrites(redis, turn.takeWrites());
  await turn.committed();
}

const scenario = fc.record({
  actions: fc.array(action, { minLength: 3, maxLength: 10, size: 'max' }),
  durability: fc.constantFrom<Durability>('exit', 'async', 'sync'),
});

describe('a conversation with questions, forks and subgraphs', () => {
  it.each([0, 256])(
    'goes on from Redis as it does from memory with a cache of %i entries',
    async (cacheEntries) => {
      await fc.assert(
        fc.asyncProperty(scenario, async ({ actions, durability }) => {
          const savers = [new MemorySaver(), open({ cacheEntries })] as const;
          for (const [serial, one] of actions.entries()) {
            const [expected, actual] = await Promise.all(
              savers.map((saver) => act(saver, one, serial, durability)),
            );
            expect(actual).toEqual(expected);
          }
        }),
        { numRuns: 12 },
      );
    },
  );

  it('goes on as from memory when each turn is buffered, and failed turns leave no trace', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, fc.array(fc.boolean()), async ({ actions, durability }, failures) => {
        const [memory, saver] = [new MemorySaver(), open()];
        for (const [serial, one] of actions.entries()) {
          if (failures[serial]) {
            const failed = new BufferedSaver(saver);
            await act(failed, one, 1000 + serial, durability);
            failed.discarded();
          }
          const turn = new BufferedSaver(saver);
          const actual = await act(turn, one, serial, durability);
          expect(actual).toEqual(await act(memory, one, serial, durability));
          await commit(turn);
          expect(await describeState(saver)).toEqual(await describeState(memory));
        }
      }),
      { numRuns: 12 },
    );
  });
});
