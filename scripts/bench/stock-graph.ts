import { Annotation, type BaseCheckpointSaver, END, START, StateGraph } from '@langchain/langgraph';
import { appendMessages } from '#agents/conversation/append-messages';
import { handleMessage, type Responded } from '#agents/conversation/handle-message';
import type { TurnOutput } from '#agents/conversation/turn';
import { createBrain } from '#models/create-brain';
import type { Message } from '#models/message';
import type { Understanding } from '#models/understanding';
import type { Bench } from './bench.ts';

const StockState = Annotation.Root({
  messages: Annotation<Message[]>({ reducer: appendMessages, default: () => [] }),
  text: Annotation<string>(),
  understanding: Annotation<Understanding>(),
  responded: Annotation<Responded>(),
  output: Annotation<TurnOutput>(),
});
type State = typeof StockState.State;

/**
 * The conversation as LangGraph's tutorials would build it: `understand`, `respond`, `remember`, each a node, with the
 * same functions inside as ours. What the worker is compared with.
 */
export function buildStockGraph(
  { playbook, desk }: Pick<Bench, 'playbook' | 'desk'>,
  saver?: BaseCheckpointSaver,
) {
  const brain = createBrain({ provider: 'offline' }, playbook);
  const deps = { ...brain, tools: desk.tools, greeting: playbook.greeting, exampleOf: () => undefined };
  const { signal } = new AbortController();
  const understand = async ({ text, messages }: State): Promise<Partial<State>> => ({
    understanding: await deps.understand({
      text,
      history: messages,
      tools: deps.tools.descriptions(),
      waiting: 0,
      signal,
    }),
  });
  const respond = async ({ text, messages, understanding }: State): Promise<Partial<State>> => {
    const at = new Date().toISOString();
    const input = { kind: 'message', text, eventId: '$event', sender: '@ana:localhost', at } as const;
    const turn = { input, thread: 'stock', intents: understanding.intents, history: messages, pending: [] };
    return { responded: await handleMessage({ ...turn, signal, onDraft: () => undefined }, deps) };
  };
  const remember = ({ responded }: State): Partial<State> => ({
    messages: responded.messages,
    output: responded.output,
  });
  return new StateGraph(StockState)
    .addNode('understand', understand)
    .addNode('respond', respond)
    .addNode('remember', remember)
    .addEdge(START, 'understand')
    .addEdge('understand', 'respond')
    .addEdge('respond', 'remember')
    .addEdge('remember', END)
    .compile({ name: 'stock', ...(saver === undefined ? {} : { checkpointer: saver }) });
}
