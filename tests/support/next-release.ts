import { Annotation, Command, END, interrupt, START, StateGraph } from '@langchain/langgraph';
import type { ActionDecision } from '#agents/actions/action-decision';
import type { ActionGraph } from '#agents/actions/build-action-graph';
import { interruptOf } from '#agents/actions/interrupt-of';
import { runActions } from '#agents/actions/run-actions';
import { buildConversationGraph } from '#agents/conversation/build-conversation-graph';
import type { GraphVersion } from '#agents/conversation/graph-version';
import { graphVersions } from '#agents/conversation/graph-versions';
import { graphPerSaver } from '#agents/graph-per-saver';
import type { ToolRegistry } from '#agents/tools/tool-registry';
import type { Action } from '#contract/approval';

const NextActionState = Annotation.Root({
  graph: Annotation<number>(),
  question: Annotation<{ approval: string; actions: readonly Action[] }>(),
  answer: Annotation<ActionDecision>(),
});

/** An action graph with other nodes and channels than the first one: threads of one mean nothing to the other. */
function buildNextActions(tools: ToolRegistry): ActionGraph {
  const graph = graphPerSaver(
    new StateGraph(NextActionState)
      .addNode('reviewers', ({ question }) => ({ answer: interrupt<unknown, ActionDecision>(question) }))
      .addEdge(START, 'reviewers')
      .addEdge('reviewers', END)
      .compile({ name: 'next-action' }),
  );
  return {
    ask: async (question, { thread, saver }) => {
      const config = { configurable: { thread_id: thread }, durability: 'exit' as const };
      const id = interruptOf(await graph(saver).invoke({ question, graph: 2 }, config));
      if (id === undefined) throw new Error('it did not stop for a decision');
      return id;
    },
    decide: async (id, decision, { thread, saver, permit, signal }) => {
      const config = { configurable: { thread_id: thread }, durability: 'exit' as const };
      const { question } = await graph(saver).invoke(new Command({ resume: { [id]: decision } }), config);
      const { approval, actions: asked } = question;
      return runActions({ approval, asked, decision, tools, permit, signal });
    },
  };
}

/** What the release after this one might bring: the second version of the graph, which takes over what is not open. */
export const secondVersion: GraphVersion = {
  version: 2,
  build: (deps) => ({ conversation: buildConversationGraph(deps, 2), actions: buildNextActions(deps.tools) }),
  isOpen: graphVersions[0].isOpen,
  adopt: (_, isOpen) => (isOpen ? undefined : { graph: 2 }),
};
