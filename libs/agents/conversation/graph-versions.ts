import { buildActionGraph } from '#agents/actions/build-action-graph';
import { buildConversationGraph } from './build-conversation-graph.ts';
import type { GraphVersion, GraphVersions } from './graph-version.ts';
import { firstSituation, type Situation } from './situation.ts';

const first: GraphVersion = {
  version: 1,
  build: (deps) => ({ conversation: buildConversationGraph(deps), actions: buildActionGraph(deps) }),
  // A session holds on to its playbook exactly as long as something is open.
  isOpen: ({ situation = firstSituation }) => (situation as Situation).version !== null,
};

/** Every version that this code can run, oldest first; the last one is for new work, see docs/operate/upgrade.md. */
export const graphVersions: GraphVersions = [first];
