import { setImmediate as nextTurn } from 'node:timers/promises';
import { getContextVariable, setContextVariable } from '@langchain/core/context';
import { RunnableLambda } from '@langchain/core/runnables';
import { AsyncLocalStorageProviderSingleton } from '@langchain/core/singletons';
import {
  Annotation,
  Command,
  END,
  getConfig,
  interrupt,
  MemorySaver,
  START,
  StateGraph,
} from '@langchain/langgraph';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { skipRunTrees } from './skip-run-trees.ts';

const State = Annotation.Root({
  seen: Annotation<string[]>({ reducer: (left, right) => [...left, ...right], default: () => [] }),
  answer: Annotation<string>(),
});

/** A node that tells by which config it runs, also behind a pause and in a runnable of its own. */
async function look(name: string): Promise<Partial<typeof State.State>> {
  const before = threadOf();
  await nextTurn();
  const inner = await RunnableLambda.from(() => threadOf()).invoke({});
  return { seen: [`${name}: ${before} ${inner} ${threadOf()}`] };
}

function threadOf(): string {
  return String(getConfig()?.configurable?.['thread_id']);
}

function buildGraph() {
  const inner = new StateGraph(State)
    .addNode('inner', () => look('inner'))
    .addEdge(START, 'inner')
    .addEdge('inner', END)
    .compile();
  return new StateGraph(State)
    .addNode('first', () => look('first'))
    .addNode('nested', inner)
    .addNode('ask', () => ({ answer: interrupt<string, string>('May I?') }))
    .addNode('last', async ({ answer }) => ({
      seen: [`answered ${answer}`, ...((await look('last')).seen ?? [])],
    }))
    .addEdge(START, 'first')
    .addEdge('first', 'nested')
    .addEdge('nested', 'ask')
    .addEdge('ask', 'last')
    .addEdge('last', END)
    .compile({ checkpointer: new MemorySaver() });
}

/** Everything that can be seen of a conversation that stops at an interrupt and goes on. */
async function converse(thread: string, callbacks?: { handleChainStart(...args: unknown[]): void }[]) {
  const graph = buildGraph();
  const config = { configurable: { thread_id: thread }, ...(callbacks === undefined ? {} : { callbacks }) };
  const steps: unknown[] = [];
  for await (const step of await graph.stream({}, { ...config, streamMode: 'updates' })) steps.push(step);
  const { next, tasks, values } = await graph.getState(config);
  const id = tasks[0]?.interrupts[0]?.id ?? '';
  const end = await graph.invoke(new Command({ resume: { [id]: 'yes' } }), config);
  return {
    steps: JSON.parse(JSON.stringify(steps).replaceAll(id, '<id>')),
    next,
    values,
    hasId: id !== '',
    end,
  };
}

function storedNow(): { id: string; extra: object } {
  const provider = AsyncLocalStorageProviderSingleton;
  return provider.runWithConfig({}, () => provider.getInstance().getStore());
}

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('graphs without run trees', () => {
  it('do exactly what they do with them: state, stream, interrupt, resume, configs in nodes and subgraphs', async () => {
    const stock = await converse('one');
    using _ = skipRunTrees();
    expect(storedNow().id).toBe(storedNow().id);
    const lean = await converse('one');
    expect(lean).toEqual(stock);
    expect(lean.hasId).toBe(true);
    // A subgraph hands back its whole state, and the reducer adds it to what was there.
    expect(lean.end.seen).toEqual([
      'first: one one one',
      'first: one one one',
      'inner: one one one',
      'answered yes',
      'last: one one one',
    ]);
  });

  it('keep many runs at once apart', async () => {
    using _ = skipRunTrees();
    const threads = Array.from({ length: 40 }, (_, number) => `thread-${number}`);
    const ends = await Promise.all(threads.map((thread) => converse(thread)));
    for (const [index, { end }] of ends.entries()) {
      const thread = threads[index];
      expect(end.seen[0]).toBe(`first: ${thread} ${thread} ${thread}`);
      expect(end.seen.at(-1)).toBe(`last: ${thread} ${thread} ${thread}`);
    }
  });

  it('carry context variables to what a node calls, and to no other run', async () => {
    const inner = RunnableLambda.from(async () => {
      await nextTurn();
      return `${getContextVariable('who')} in ${threadOf()}`;
    });
    const outer = RunnableLambda.from(async (who: string) => {
      setContextVariable('who', who);
      return inner.invoke({}, { configurable: { thread_id: who } });
    });
    const run = () => Promise.all(['ana', 'ben', 'cem'].map((who) => outer.invoke(who)));
    const stock = await run();
    using _ = skipRunTrees();
    expect(await run()).toEqual(stock);
    expect(stock).toEqual(['ana in ana', 'ben in ben', 'cem in cem']);
    expect(getContextVariable('who')).toBeUndefined();
  });

  it('throw what a node throws', async () => {
    const failing = new StateGraph(State)
      .addNode('fail', () => Promise.reject(new RangeError('too far')))
      .addEdge(START, 'fail')
      .addEdge('fail', END)
      .compile();
    using _ = skipRunTrees();
    await expect(failing.invoke({})).rejects.toThrow(RangeError);
  });
});

describe('skipping run trees', () => {
  it('leaves runs with callbacks to LangChain: handlers hear what they always hear', async () => {
    const hear = async () => {
      const names: unknown[] = [];
      const handleChainStart = (...args: unknown[]) => void names.push(args.at(-1));
      await converse('one', [{ handleChainStart }]);
      return names;
    };
    const stock = await hear();
    using _ = skipRunTrees();
    expect(await hear()).toEqual(stock);
    expect(stock.length).toBeGreaterThan(4);
  });

  it.each(['LANGSMITH_TRACING', 'LANGSMITH_TRACING_V2', 'LANGCHAIN_TRACING', 'LANGCHAIN_TRACING_V2'])(
    'ends as soon as %s is set, and begins again without it',
    (name) => {
      using _ = skipRunTrees();
      const shared = storedNow().id;
      vi.stubEnv(name, 'true');
      vi.stubEnv('LANGSMITH_API_KEY', 'none');
      expect(storedNow().id).not.toBe(shared);
      vi.unstubAllEnvs();
      expect(storedNow().id).toBe(shared);
    },
  );

  it('ends when it is disposed of', () => {
    {
      using _ = skipRunTrees();
      expect(storedNow().id).toBe(storedNow().id);
    }
    expect(storedNow().id).not.toBe(storedNow().id);
  });

  it('gives each run its own place for what is added to it', () => {
    using _ = skipRunTrees();
    const [one, other] = [storedNow(), storedNow()];
    expect(one.extra).not.toBe(other.extra);
    Object.assign(one.extra, { mark: 1 });
    expect(other.extra).not.toHaveProperty('mark');
    expect(storedNow().extra).not.toHaveProperty('mark');
  });
});
