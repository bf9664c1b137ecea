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
import { appendMessages } from './append-messages.ts';
import { closeTurn } from './close-turn.ts';
import { consultAgents } from './consult-agents.ts';
import type { OpenTurn } from './open-turn.ts';
import type { PendingApproval } from './pending-approval.ts';
import { firstSituation, type Situation } from './situation.ts';
import { type ConversationDeps, spendTurn, startTurn } from './start-turn.ts';
import { takeInput } from './take-input.ts';
import type { TurnInput, TurnOutput } from './turn.ts';

export interface TurnOptions {
  /** The session id; it is LangGraph's thread id. */
  readonly thread: string;
  readonly saver: BaseCheckpointSaver;
  /** Aborted when the turn has lost its lease or its time. */
  readonly signal: AbortSignal;
  /**
   * Is given the whole text so far of a reply that a model is writing, and the agent who speaks, the same for all drafts of
   * the turn; null for the bot itself. Called often: pace it outside.
   */
  readonly onDraft: (text: string, agent: string | null) => void;
}

export interface ConversationGraph {
  /**
   * Writes into a thread what a node would have returned, as its newest checkpoint: it is a thread of this graph from here on.
   * Like all that a turn saves, it exists once the turn's commit is written.
   */
  adopt(update: Readonly<Record<string, unknown>>, at: Pick<TurnOptions, 'thread' | 'saver'>): Promise<void>;

  /**
   * Runs one turn of a session, from its newest checkpoint to a new one (durability `exit`: the saver's `put` is
   * called once, at the end). The same input on the same checkpoint proposes under the same approval ids, and calls
   * tools under the same idempotency keys.
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
  pending: Annotation<readonly PendingApproval[]>({ reducer: (_, next) => next, default: () => [] }),
  /** The version of the graph, from the second on; `graphChannel`. */
  graph: Annotation<number>(),
  situation: Annotation<Situation>({ reducer: (_, next) => next, default: () => firstSituation }),
  // Untracked: gone with the turn, so that nothing of it leaks into the next one.
  turn: () => new UntrackedValueChannel<CurrentTurn>(),
  open: () => new UntrackedValueChannel<OpenTurn>(),
  output: () => new UntrackedValueChannel<TurnOutput>(),
});
type State = typeof ConversationState.State;

/**
 * The graph of a conversation. `converse` understands a message and lets flows and asides do what it wants: on the plain path
 * it is the only node, because each costs more than everything around it. What is an agent's work goes on in `consult`,
 * where each agent runs as a graph of its own. It never stops at an interrupt: a message must be able to take its
 * turn while approvals wait.
 *
 * @param version what its threads say that they belong to, see `GraphVersion`.
 */
export function buildConversationGraph(deps: ConversationDeps, version = 1): ConversationGraph {
  const graph = graphPerSaver(
    new StateGraph(ConversationState)
      .addNode('converse', (state) => converse(state, deps, version))
      .addNode('consult', (state) => consult(state, version))
      .addEdge(START, 'converse')
      .addConditionalEdges('converse', ({ open }) => (open === undefined ? END : 'consult'), ['consult', END])
      .addEdge('consult', END)
      .compile({ name: 'conversation' }),
  );
  return {
    takeTurn: async (input, { thread, saver, signal, onDraft }) => {
      const config = { configurable: { thread_id: thread }, durability: 'exit' as const };
      const { output } = await graph(saver).invoke({ turn: { input, thread, signal, onDraft } }, config);
      if (output === undefined) throw new TurnWithoutOutputError(thread);
      return output;
    },
    adopt: async (update, { thread, saver }) => {
      await graph(saver).updateState({ configurable: { thread_id: thread } }, update, 'converse');
    },
  };
}

async function converse(state: State, deps: ConversationDeps, version: number): Promise<Partial<State>> {
  const { messages, pending, situation, turn } = state;
  const open = await startTurn(turn, { messages, pending, situation }, deps);
  open.account.graph = version;
  await takeInput(open, turn.input);
  return open.tasks.length > 0 ? { open } : close(state, open, version);
}

async function consult(state: State, version: number): Promise<Partial<State>> {
  await consultAgents(state.open);
  return close(state, state.open, version);
}

/** Only what has changed is given back: what is not written costs no checkpoint. */
async function close(before: State, turn: OpenTurn, version: number): Promise<Partial<State>> {
  await spendTurn(turn);
  const { messages, pending, situation, output } = closeTurn(turn);
  return {
    output,
    ...((before.graph ?? 1) === version ? {} : { graph: version }),
    ...(messages.length === 0 ? {} : { messages: [...messages] }),
    ...(pending === before.pending ? {} : { pending }),
    ...(situation === before.situation ? {} : { situation }),
  };
}
