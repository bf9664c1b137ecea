import { type ActionGraph, type ActionGraphDeps, buildActionGraph } from '#agents/actions/build-action-graph';
import type { ToolRegistry } from '#agents/tools/tool-registry';
import { buildConversationGraph, type ConversationGraph } from './build-conversation-graph.ts';
import type { ConversationDeps } from './start-turn.ts';

export interface Conversation {
  readonly conversation: ConversationGraph;
  readonly actions: ActionGraph;
  /** What may run when reviewers allow it: also the gate for edited arguments. */
  readonly tools: ToolRegistry;
}

/** Builds both graphs: compiled once, used with a saver for each call, on whatever desk a session began with. */
export function createConversation(deps: ConversationDeps & ActionGraphDeps): Conversation {
  return { conversation: buildConversationGraph(deps), actions: buildActionGraph(deps), tools: deps.tools };
}
