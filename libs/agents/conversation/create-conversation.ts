import { type ActionGraph, buildActionGraph } from '#agents/actions/build-action-graph';
import type { Tool } from '#agents/tools/tool';
import { createToolRegistry, type ToolRegistry } from '#agents/tools/tool-registry';
import type { Brain } from '#models/create-brain';
import type { Playbook } from '#playbook/playbook';
import { buildConversationGraph, type ConversationGraph } from './build-conversation-graph.ts';

export interface Conversation {
  readonly conversation: ConversationGraph;
  readonly actions: ActionGraph;
  /** The tools that the playbook has switched on: also the gate for edited arguments. */
  readonly tools: ToolRegistry;
}

/** Builds both graphs for a playbook: compiled once, used with a saver for each call. */
export function createConversation(
  playbook: Playbook,
  brain: Brain,
  registered: readonly Tool[],
): Conversation {
  const tools = createToolRegistry(registered.filter(({ name }) => playbook.tools.has(name)));
  const conversation = buildConversationGraph({
    ...brain,
    tools,
    greeting: playbook.greeting.trim(),
    exampleOf: (tool) => playbook.tools.get(tool)?.example,
  });
  return { conversation, actions: buildActionGraph({ tools }), tools };
}
