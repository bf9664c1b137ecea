import {
  Annotation,
  type BaseCheckpointSaver,
  Command,
  END,
  interrupt,
  type LangGraphRunnableConfig,
  START,
  StateGraph,
} from '@langchain/langgraph';
import { ActionGraphError } from '#agents/errors';
import { graphPerSaver } from '#agents/graph-per-saver';
import type { Breakers } from '#agents/tools/create-breakers';
import type { ToolRegistry } from '#agents/tools/tool-registry';
import type { Action } from '#contract/approval';
import type { Switches } from '#operations/switches/switch';
import { type ActionDecision, actionDecision } from './action-decision.ts';
import type { ActionResult } from './action-result.ts';
import { interruptOf, waitingInterruptOf } from './interrupt-of.ts';
import type { Permit } from './permit.ts';
import { runActions } from './run-actions.ts';

export interface ActionThread {
  /** LangGraph's thread id: `approval:<approval id>`. */
  readonly thread: string;
  readonly saver: BaseCheckpointSaver;
}

/** What a resumed thread may use. `signal` is aborted when the turn has lost its lease. */
export interface ActionGrant extends ActionThread {
  readonly permit: Permit;
  readonly signal: AbortSignal;
  /** Where it was asked for: nothing runs for a room that is switched off. */
  readonly room?: string | undefined;
}

export interface ActionQuestion {
  readonly approval: string;
  readonly actions: readonly Action[];
}

export interface ActionGraph {
  /**
   * Starts the thread, stops it at its interrupt and returns the interrupt's id. A thread that waits already keeps
   * its question: its id is returned again.
   */
  ask(question: ActionQuestion, at: ActionThread): Promise<string>;
  /**
   * Resumes the interrupt of this id, and no other. On approve and edit the actions run, each under its permit
   * and with the idempotency key `<approval>:<index>`, provided that their digests are the approved ones. One
   * result for each action then; none on reject and respond.
   *
   * @throws {ActionGraphError} when the thread does not wait on this interrupt: nothing has run then.
   */
  decide(interruptId: string, decision: ActionDecision, grant: ActionGrant): Promise<readonly ActionResult[]>;
}

export interface ActionGraphDeps {
  tools: ToolRegistry;
  /** The same as the gate's: a tool that is ill is ill for both. */
  breakers?: Breakers;
  /** An approved action of a tool or for a room that is switched off does not run either; left out, nothing is off. */
  switches?: Pick<Switches, 'off'>;
}

const ActionState = Annotation.Root({
  approval: Annotation<string>(),
  actions: Annotation<readonly Action[]>(),
  decision: Annotation<ActionDecision>(),
  results: Annotation<readonly ActionResult[]>(),
});
type State = typeof ActionState.State;

/** The graph that a risky action runs on: `decide` waits for the reviewers, `run` does what they allowed. */
export function buildActionGraph({ tools, breakers, switches }: ActionGraphDeps): ActionGraph {
  const run = async (state: State, config: LangGraphRunnableConfig): Promise<Partial<State>> => {
    const { approval, actions: asked, decision } = state;
    const granted = { ...grantOf(config), breakers, switches };
    return { results: await runActions({ approval, asked, decision, tools, ...granted }) };
  };
  const graph = graphPerSaver(
    new StateGraph(ActionState)
      .addNode('decide', waitForDecision)
      .addNode('run', run)
      .addEdge(START, 'decide')
      .addEdge('decide', 'run')
      .addEdge('run', END)
      .compile({ name: 'action' }),
  );
  return {
    ask: async ({ approval, actions }, { thread, saver }) => {
      const waiting = await waitingOn(saver, thread);
      if (waiting !== undefined) return waiting;
      const config = { configurable: { thread_id: thread }, durability: 'exit' as const };
      const id = interruptOf(await graph(saver).invoke({ approval, actions }, config));
      if (id === undefined)
        throw new ActionGraphError(thread, `Thread ${thread} did not stop for a decision`);
      return id;
    },
    decide: async (interruptId, decision, { thread, saver, permit, signal, room }) => {
      // LangGraph would run a foreign thread from its start, and answer a finished one from its state.
      if ((await waitingOn(saver, thread)) !== interruptId) {
        throw new ActionGraphError(thread, `Thread ${thread} does not wait on interrupt ${interruptId}`);
      }
      const configurable = { thread_id: thread, permit, signal, room };
      const config = { configurable, durability: 'exit' as const };
      const resume = new Command<Record<string, ActionDecision>, Partial<State>, 'decide' | 'run'>({
        resume: { [interruptId]: actionDecision.parse(decision) },
      });
      const { results } = await graph(saver).invoke(resume, config);
      return results;
    },
  };
}

function waitForDecision({ approval, actions }: State): Partial<State> {
  return { decision: interrupt<ActionQuestion, ActionDecision>({ approval, actions }) };
}

async function waitingOn(saver: BaseCheckpointSaver, thread: string): Promise<string | undefined> {
  return waitingInterruptOf(await saver.getTuple({ configurable: { thread_id: thread, checkpoint_ns: '' } }));
}

/** LangGraph types `configurable` as any; only `decide` above fills it. */
function grantOf(config: LangGraphRunnableConfig): Pick<ActionGrant, 'permit' | 'signal' | 'room'> {
  const { permit, signal, room } = config.configurable as Pick<ActionGrant, 'permit' | 'signal' | 'room'>;
  return { permit, signal, room };
}
