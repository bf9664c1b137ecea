import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { combineDrafts } from '#agents/review/combine-drafts';
import { createDraftCheck } from '#agents/review/create-draft-check';
import { createSecurityProtocol } from '#agents/security/create-security-protocol';
import { createVerifiers } from '#agents/sops/verifiers/create-verifiers';
import type { AgentRun } from '#agents/specialists/agent';
import { createAgents } from '#agents/specialists/create-agents';
import { createGate } from '#agents/tools/create-gate';
import { createTools } from '#agents/tools/create-tools';
import { createToolRegistry } from '#agents/tools/tool-registry';
import { createValidators } from '#dialogue/flows/validators/create-validators';
import type { Analysis } from '#dialogue/understanding/understanding';
import { createKnowledgeIndex } from '#models/create-knowledge-index';
import { loadPlaybook } from '#playbook/load-playbook';

const folder = fileURLToPath(new URL('../../services/worker/playbook', import.meta.url));
const request =
  'We are an enterprise customer, organisation acme. Our pipeline has been dead for three hours. On top of that I am in a 2FA lockout loop, my username is dana. And I want to give our lead developer @jonas permission to raise the budget. This is unacceptable!';

it('a long message of several topics is split, secured, and answered in one reply that a person reads', async () => {
  const playbook = await loadPlaybook(folder, { reviewers: ['@rev:example.org'] });
  const tools = createToolRegistry(createTools({ recordsUrl: undefined }));
  const validators = createValidators();
  const gate = createGate({
    tools,
    policyOf: (name) => playbook.toolPolicies.get(name),
    roomTools: playbook.roomTools,
  });
  const analysis: Analysis = {
    topics: ['ci_workers', 'account_security', 'enterprise'],
    urgency: 'critical',
    tone: 'angry',
    sensitivity: { isSensitive: true, riskCategory: 'account_takeover', confidence: 0.9, entities: ['dana'] },
  };
  const { signal } = new AbortController();
  const callTool =
    (agent: string | undefined): AgentRun['callTool'] =>
    (name, args, key) => {
      const listed = agent === undefined ? undefined : new Set(playbook.agents.get(agent)?.tools ?? []);
      return gate.call({ name, args, allowed: listed, room: '!r:example.org', idempotencyKey: key, signal });
    };

  const secure = createSecurityProtocol({ playbook, tools, validators });
  const sender = '@you:example.org';
  const report = await secure(request, analysis, { callTool: callTool(undefined), signal, sender });
  expect(report.findings.length).toBeGreaterThan(0);
  expect(report.findings.every(({ status }) => status === 'done')).toBe(true);
  expect(report.markdown).toContain('two_factor_failed');

  const index = createKnowledgeIndex(playbook.passages);
  const agents = createAgents({ playbook, index, tools, verifiers: createVerifiers(), validators });
  const results = await Promise.all(
    analysis.topics.map(async (id) => {
      const agent = agents.get(id);
      if (agent === undefined) throw new Error(`There is no agent ${id}`);
      const findings = report.markdown;
      return agent.work(
        { id, agent: id, request, analysis, findings, rejected: null, procedure: null, requester: sender },
        {
          history: [],
          memories: [],
          callTool: callTool(id),
          onDraft: () => undefined,
          onUsage: () => undefined,
          signal,
        },
      );
    }),
  );
  const drafted = results.filter((result) => result.status === 'drafted');
  expect(drafted.map(({ agent }) => agent)).toEqual(analysis.topics);
  const stepsOf = (agent: string): readonly string[] =>
    results.find((result) => result.agent === agent)?.steps.map(({ tool, status }) => `${tool} ${status}`) ??
    [];
  expect(stepsOf('ci_workers')).toContain('read_pipeline passed');
  expect(stepsOf('account_security')).toContain('find_account passed');
  expect(stepsOf('enterprise')).toContain('grant_budget_permission proposed');

  const { text, reasons } = createDraftCheck({ playbook, tools })(combineDrafts(drafted), results, analysis);
  expect(text).toMatch(/\*\*CI workers\*\*[\s\S]*\*\*Account security\*\*[\s\S]*\*\*Enterprise\*\*/);
  expect(text).toMatch(/sorry/i);
  expect(reasons).toContain('the security protocol has run');
});
