import { type Conversation, createConversation } from '#agents/conversation/create-conversation';
import { createTools } from '#agents/tools/create-tools';
import { riskOf } from '#agents/tools/risk-of';
import { createBrain } from '#models/create-brain';
import { loadPlaybook } from '#playbook/load-playbook';
import type { Playbook, ToolPolicy } from '#playbook/playbook';
import type { WorkerConfig } from './worker-config.ts';

/** What a worker thinks with: the playbook, compiled into graphs, tools and policies. */
export interface Desk extends Conversation {
  readonly policyOf: (tool: string) => ToolPolicy;
  readonly playbookVersion: string;
  readonly modelName: string;
}

/** Reads the playbook and builds what it describes. @throws {PlaybookError} with every mistake in it. */
export async function openDesk(config: WorkerConfig): Promise<Desk> {
  const registered = createTools(config.records);
  const playbook = await loadPlaybook(config.turns.playbookDir, {
    reviewers: config.approvals.reviewers,
    registeredTools: registered.map(({ name }) => name),
  });
  const conversation = createConversation(playbook, createBrain(config.model, playbook), registered);
  return {
    ...conversation,
    policyOf: policiesOf(playbook, conversation),
    playbookVersion: playbook.version,
    modelName: config.model.provider === 'offline' ? 'offline' : config.model.model,
  };
}

/** The policy of each tool, with the greater of the risks that the tool and the playbook see. */
function policiesOf(playbook: Playbook, { tools }: Conversation): (tool: string) => ToolPolicy {
  return (name) => {
    const policy = playbook.policies.get(name);
    const tool = tools.get(name);
    // The graph proposes only tools that are switched on, and each of those has a policy.
    if (policy === undefined || tool === undefined)
      throw new TypeError(`Tool ${name} has no approval policy`);
    return { ...policy, risk: riskOf(tool.risk, policy.risk) };
  };
}
