import type { BaseCheckpointSaver, CheckpointTuple } from '@langchain/langgraph-checkpoint';
import type { ActionGraph, ActionGraphDeps, ActionThread } from '#agents/actions/build-action-graph';
import type { ToolRegistry } from '#agents/tools/tool-registry';
import type { TurnOptions } from './build-conversation-graph.ts';
import { chooseVersion, versionOfWaiting } from './choose-version.ts';
import { type Graphs, type GraphVersion, type GraphVersions, versionOf } from './graph-version.ts';
import { graphVersions } from './graph-versions.ts';
import type { ConversationDeps } from './start-turn.ts';
import type { TurnInput, TurnOutput } from './turn.ts';

export interface Conversation {
  readonly conversation: {
    /** As `ConversationGraph.takeTurn`; `graph` says which version ran. */
    takeTurn(input: TurnInput, options: TurnOptions): Promise<TurnOutput & { readonly graph: number }>;
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
    },
    actions: {
      ask: async (question, at) => (await actionsOf(at)).ask(question, at),
      decide: async (id, decision, grant) => (await actionsOf(grant)).decide(id, decision, grant),
    },
  };
}

function newestCheckpoint(saver: BaseCheckpointSaver, thread: string): Promise<CheckpointTuple | undefined> {
  return saver.getTuple({ configurable: { thread_id: thread, checkpoint_ns: '' } });
}
