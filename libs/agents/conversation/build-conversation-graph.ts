import {
  Annotation,
  type BaseCheckpointSaver,
  END,
  START,
  StateGraph,
  UntrackedValueChannel,
} from '@langchain/langgraph';
import { TurnWithoutOutputError } from '#agents/errors';
import { graphPerSaver } from '#agents/graph-per-saver';
import type { Message } from '#models/message';
import type { Understand, Understanding } from '#models/understanding';
import { appendMessages } from './append-messages.ts';
import { handleMessage, type MessageDeps } from './handle-message.ts';
import type { PendingApproval } from './pending-approval.ts';
import { reportAction } from './report-action.ts';
import type { TurnInput, TurnOutput } from './turn.ts';

export interface ConversationDeps extends MessageDeps {
  readonly understand: Understand;
}

export interface TurnOptions {
  /** The session id; it is LangGraph's thread id. */
  readonly thread: string;
  readonly saver: BaseCheckpointSaver;
  /** Aborted when the turn has lost its lease or its time. */
  readonly signal: AbortSignal;
  /** Is given the whole text so far of a reply that a model is writing. Called often: pace it outside. */
  readonly onDraft: (text: string) => void;
}

export interface ConversationGraph {
  /**
   * Runs one turn of a session, from its newest checkpoint to a new one (durability `exit`: the saver's `put` is
   * called once, at the end). The same input on the same checkpoint proposes under the same approval ids.
   *
   * @throws {ModelError} when a model was needed and failed after its own retries. Whatever is thrown: LangGraph has
   * put the broken-off state into the saver by then, so the saver must buffer, and the buffer must be thrown away.
   */
  takeTurn(input: TurnInput, options: TurnOptions): Promise<TurnOutput>;
}

/** What a node needs of the turn beside the state; never in a checkpoint. */
interface CurrentTurn extends Pick<TurnOptions, 'thread' | 'signal' | 'onDraft'> {
  readonly input: TurnInput;
}

const ConversationState = Annotation.Root({
  messages: Annotation<Message[]>({ reducer: appendMessages, default: () => [] }),
  pending: Annotation<PendingApproval[]>({ reducer: (_, next) => next, default: () => [] }),
  // Untracked: gone with the turn, so that nothing of it leaks into the next one.
  turn: () => new UntrackedValueChannel<CurrentTurn>(),
  understanding: () => new UntrackedValueChannel<Understanding>(),
  output: () => new UntrackedValueChannel<TurnOutput>(),
});
type State = typeof ConversationState.State;

const nothingToUnderstand: Understanding = { intents: [] };

/**
 * The graph of a conversation: `understand` finds what a message wants, `respond` does it or reports what became
 * of an approval. Two nodes only, because each costs more than everything around it; it never stops at an
 * interrupt, because a message must be able to take its turn while approvals wait.
 */
export function buildConversationGraph(deps: ConversationDeps): ConversationGraph {
  const graph = graphPerSaver(
    new StateGraph(ConversationState)
      .addNode('understand', (state) => understandMessage(state, deps))
      .addNode('respond', (state) => respond(state, deps))
      .addEdge(START, 'understand')
      .addEdge('understand', 'respond')
      .addEdge('respond', END)
      .compile({ name: 'conversation' }),
  );
  return {
    takeTurn: async (input, { thread, saver, signal, onDraft }) => {
      const config = { configurable: { thread_id: thread }, durability: 'exit' as const };
      const { output } = await graph(saver).invoke({ turn: { input, thread, signal, onDraft } }, config);
      if (output === undefined) throw new TurnWithoutOutputError(thread);
      return output;
    },
  };
}

async function understandMessage(state: State, deps: ConversationDeps): Promise<Partial<State>> {
  const { input, signal } = state.turn;
  if (input.kind !== 'message' || input.text.trim() === '') return { understanding: nothingToUnderstand };
  const understanding = await deps.understand({
    text: input.text,
    history: state.messages,
    tools: deps.tools.descriptions(),
    waiting: state.pending.length,
    signal,
  });
  return { understanding };
}

async function respond(state: State, deps: ConversationDeps): Promise<Partial<State>> {
  const { messages, pending, turn, understanding } = state;
  const { input, thread, signal, onDraft } = turn;
  if (input.kind === 'action_finished') return reportAction(input, pending);
  const { intents } = understanding;
  return handleMessage({ input, thread, intents, history: messages, pending, signal, onDraft }, deps);
}
