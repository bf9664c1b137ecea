import {
  Annotation,
  type BaseCheckpointSaver,
  END,
  START,
  StateGraph,
  UntrackedValueChannel,
} from '@langchain/langgraph';
import { appendMessages } from '#agents/conversation/append-messages';
import { closeTurn } from '#agents/conversation/close-turn';
import type { OpenTurn } from '#agents/conversation/open-turn';
import { firstSituation } from '#agents/conversation/situation';
import { startTurn } from '#agents/conversation/start-turn';
import { takeInput } from '#agents/conversation/take-input';
import type { MessageInput, TurnOutput } from '#agents/conversation/turn';
import type { Message } from '#models/message';
import type { Bench } from './bench.ts';
import { sessionOf } from './message-of.ts';

const StockState = Annotation.Root({
  messages: Annotation<Message[]>({ reducer: appendMessages, default: () => [] }),
  text: Annotation<string>(),
  // What a turn works with is no state: a saver must not be given it.
  turn: () => new UntrackedValueChannel<OpenTurn>(),
  output: Annotation<TurnOutput>(),
});
type State = typeof StockState.State;

/**
 * The conversation as LangGraph's tutorials would build it: `open`, `converse`, `close`, each a node, with the same
 * functions inside as ours. What the worker is compared with.
 */
export function buildStockGraph(
  { conversation: { deps } }: Pick<Bench, 'conversation'>,
  saver?: BaseCheckpointSaver,
) {
  const { signal } = new AbortController();
  const open = async ({ text, messages }: State): Promise<Partial<State>> => {
    const started = { input: inputOf(text), thread: sessionOf(0), signal, onDraft: () => undefined };
    return { turn: await startTurn(started, { messages, pending: [], situation: firstSituation }, deps) };
  };
  const converse = async ({ turn, text }: State): Promise<Partial<State>> => {
    await takeInput(turn, inputOf(text));
    return { turn };
  };
  const close = ({ turn }: State): Partial<State> => {
    const { messages, output } = closeTurn(turn);
    return { messages: [...messages], output };
  };
  return new StateGraph(StockState)
    .addNode('open', open)
    .addNode('converse', converse)
    .addNode('close', close)
    .addEdge(START, 'open')
    .addEdge('open', 'converse')
    .addEdge('converse', 'close')
    .addEdge('close', END)
    .compile({ name: 'stock', ...(saver === undefined ? {} : { checkpointer: saver }) });
}

function inputOf(text: string): MessageInput {
  const at = new Date().toISOString();
  return { kind: 'message', text, eventId: '$event', sender: '@ana:localhost', at };
}
