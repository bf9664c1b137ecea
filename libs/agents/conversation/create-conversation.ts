import type { BaseCheckpointSaver, CheckpointTuple } from '@langchain/langgraph-checkpoint';
import type { ActionGraph, ActionGraphDeps, ActionThread } from '#agents/actions/build-action-graph';
import type { ToolRegistry } from '#agents/tools/tool-registry';
import type { TurnOptions } from './build-conversation-graph.ts';
import { chooseVersion, versionOfWaiting } from './choose-version.ts';
import type { KeptState } from './forget-message.ts';
import {
  type Graphs,
  type GraphVersion,
  type GraphVersions,
  graphChannel,
  versionOf,
} from './graph-version.ts';
import { graphVersions } from './graph-versions.ts';
import { firstSituation } from './situation.ts';
import type { ConversationDeps } from './start-turn.ts';
import type { TurnInput, TurnOutput } from './turn.ts';

export interface Conversation {
  readonly conversation: {
    /** As `ConversationGraph.takeTurn`; `graph` says which version ran. */
    takeTurn(input: TurnInput, options: TurnOptions): Promise<TurnOutput & { readonly graph: number }>;
    /**
     * Makes of a thread's newest checkpoint its only one, as `change` has it; undefined forgets the thread. Nothing is done
     * where there is none. Like all that a turn saves, it is so once the turn's commit is written.
     */
    rewrite(change: (state: KeptState) => KeptState | undefined, at: ActionThread): Promise<void>;
  };
  readonly actions: ActionGraph;
  /** What may run when reviewers allow it: also the gate for edited arguments. */
  readonly tools: ToolRegistry;
}

export interface VersionDeps {
  /** Default: all that this code has. */
  readonly versions?: GraphVersions;
  /** The version for new work: during an upgrade the oldest that a live worker knows as its newest. Default: the newest. */
  readonly target?: () => number;
}

/**
 * Builds the graphs of every version: compiled once, used with a saver for each call, on whatever desk a session began with.
 * Each thread runs on the version that `chooseVersion` says.
 */
export function createConversation(deps: ConversationDeps & ActionGraphDeps & VersionDeps): Conversation {
  const { versions = graphVersions } = deps;
  const newest = versions.at(-1) ?? versions[0];
  const target = (): number => Math.min(deps.target?.() ?? newest.version, newest.version);
  const built = new Map<number, Graphs>();
  const graphsOf = ({ version, build }: GraphVersion): Graphs => {
    const graphs = built.get(version) ?? build(deps);
    built.set(version, graphs);
    return graphs;
  };
  const forNewWork = (): GraphVersion =>
    versions.findLast(({ version }) => version <= target()) ?? versions[0];
  const actionsOf = async ({ thread, saver }: ActionThread): Promise<ActionGraph> => {
    const tuple = await newestCheckpoint(saver, thread);
    const waiting = tuple && { id: thread, version: versionOf(tuple) };
    return graphsOf(waiting === undefined ? forNewWork() : versionOfWaiting(versions, waiting)).actions;
  };
  return {
    tools: deps.tools,
    conversation: {
      takeTurn: async (input, options) => {
        const tuple = await newestCheckpoint(options.saver, options.thread);
        const thread = tuple && {
          id: options.thread,
          version: versionOf(tuple),
          values: tuple.checkpoint.channel_values,
        };
        const chosen = thread && chooseVersion(versions, thread, target());
        const { version, updates } = chosen ?? { version: forNewWork(), updates: [] };
        const { conversation } = graphsOf(version);
        for (const update of updates) await conversation.adopt(update, options);
        return { ...(await conversation.takeTurn(input, options)), graph: version.version };
      },
      rewrite: async (change, { thread, saver }) => {
        const tuple = await newestCheckpoint(saver, thread);
        if (tuple === undefined) return;
        const number = versionOf(tuple);
        const changed = change(stateOf(tuple));
        await saver.deleteThread(thread);
        const version = versions.find((one) => one.version === number);
        // Of a release that is gone, or not there yet: nothing that could be gone on with is made of it.
        if (changed === undefined || version === undefined) return;
        const written = number === 1 ? {} : { [graphChannel]: number };
        await graphsOf(version).conversation.adopt({ ...changed, ...written }, { thread, saver });
      },
    },
    actions: {
      ask: async (question, at) => (await actionsOf(at)).ask(question, at),
      decide: async (id, decision, grant) => (await actionsOf(grant)).decide(id, decision, grant),
    },
  };
}

/** What every version of the graph keeps, see `ConversationState`; what is not there yet is as at the beginning. */
function stateOf({ checkpoint }: CheckpointTuple): KeptState {
  const { messages = [], pending = [], situation = firstSituation } = checkpoint.channel_values;
  // Written by this very graph.
  return { messages, pending, situation } as KeptState;
}

function newestCheckpoint(saver: BaseCheckpointSaver, thread: string): Promise<CheckpointTuple | undefined> {
  return saver.getTuple({ configurable: { thread_id: thread, checkpoint_ns: '' } });
}
