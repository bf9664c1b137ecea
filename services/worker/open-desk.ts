import { type Conversation, createConversation } from '#agents/create-conversation';
import { createTools } from '#agents/create-tools';
import { riskOf } from '#agents/risk-of';
import { createBrain } from '#models/create-brain';
import { loadPlaybook } from '#playbook/load-playbook';
import type { ToolPolicy } from '#playbook/playbook';
import type { WorkerConfig } from './worker-config.ts';

/** What a worker thinks with: the playbook, compiled into graphs, tools and policies. */
export interface Desk extends Conversation {
  readonly policyOf: (tool: string) => ToolPolicy;
  readonly playbookVersion: string;
  readonly modelName: string;
}

/** Reads the playbook and builds what it describes. @throws {PlaybookError} with every mistake in it. */
export async function openDesk(config: WorkerConfig): Promise<Desk> {
  const { recordsUrl, playbookDir } = config.turns;
  const registered = createTools({ recordsUrl });
  const playbook = await loadPlaybook(playbookDir, {
    reviewers: config.approvals.reviewers,
    registeredTools: registered.map(({ name }) => name),
  });
  const desk = createConversation(playbook, createBrain(config.model, playbook), registered);
  return {
    ...desk,
    policyOf: (tool) => {
      const policy = playbook.policies.get(tool);
      const known = desk.tools.get(tool);
      // The graph proposes only tools that are switched on, and each of those has a policy.
      if (policy === undefined || known === undefined) throw new TypeError(`Tool ${tool} has no policy`);
      return { ...policy, risk: riskOf(known.risk, policy.risk) };
    },
    playbookVersion: playbook.version,
    modelName: config.model.provider === 'offline' ? 'offline' : config.model.model,
  };
}
