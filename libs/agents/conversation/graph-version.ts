import type { CheckpointTuple } from '@langchain/langgraph-checkpoint';
import type { ActionGraph, ActionGraphDeps } from '#agents/actions/build-action-graph';
import type { ConversationGraph } from './build-conversation-graph.ts';
import type { ConversationDeps } from './start-turn.ts';

/** The channel in which every version of every graph keeps the version that a thread belongs to. */
export const graphChannel = 'graph';

/** What a thread's checkpoint holds, by channel. */
export type ChannelValues = Readonly<Record<string, unknown>>;

export interface Graphs {
  readonly conversation: ConversationGraph;
  readonly actions: ActionGraph;
}

/**
 * The code that threads run on, by a number that grows whenever nodes or channels change in a way that a waiting thread would
 * notice. Old versions stay in the list (`graph-versions.ts`) for as long as something may wait on them.
 */
export interface GraphVersion {
  readonly version: number;
  build(deps: ConversationDeps & ActionGraphDeps): Graphs;
  /** Whether something waits in the thread that has to end on this version: it stays there until it has. */
  isOpen(values: ChannelValues): boolean;
  /**
   * The declared migration from the version before: what a node would return to make such a thread one of this version.
   * Undefined where this thread cannot be taken over. Missing: none can.
   */
  readonly adopt?: (values: ChannelValues, isOpen: boolean) => Record<string, unknown> | undefined;
}

/** The version that a thread belongs to; threads from before there were versions are of the first. */
export function versionOf(tuple: CheckpointTuple): number {
  const version = tuple.checkpoint.channel_values[graphChannel];
  return typeof version === 'number' ? version : 1;
}

/** Oldest first; the last one is for new work. */
export type GraphVersions = readonly [GraphVersion, ...GraphVersion[]];
