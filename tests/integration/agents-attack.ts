import { fileURLToPath } from 'node:url';
import { createDraftCheck } from '#agents/review/create-draft-check';
import { createVerifiers } from '#agents/sops/verifiers/create-verifiers';
import type { AgentResult, AgentTask } from '#agents/specialists/agent';
import { createAgents } from '#agents/specialists/create-agents';
import { createGate } from '#agents/tools/create-gate';
import { createTools } from '#agents/tools/create-tools';
import type { Tool } from '#agents/tools/tool';
import { createToolRegistry } from '#agents/tools/tool-registry';
import type { Json } from '#contract/canonical-json';
import { createValidators } from '#dialogue/flows/validators/create-validators';
import type { Analysis } from '#dialogue/understanding/understanding';
import { createChatModel } from '#models/create-chat-model';
import { createKnowledgeIndex } from '#models/create-knowledge-index';
import type { Message } from '#models/message';
import { loadPlaybook } from '#playbook/load-playbook';
import type { Playbook } from '#playbook/playbook';
import type { ModelReply } from '../support/model-reply.ts';
import type { ModelServer } from '../support/model-server.ts';

const folder = fileURLToPath(new URL('../../services/worker/playbook', import.meta.url));
const { signal } = new AbortController();

/** A tool and what it is called with. */
export type Call = readonly [tool: string, args: Readonly<Record<string, Json>>];

/** A message, what somebody has planted, and what a model makes of it. */
export interface Attack {
  readonly agent: string;
  readonly request: string;
  /** What somebody has planted; the model reads it, and does as it says. */
  readonly planted?: string;
  readonly where?: 'message' | 'history' | 'memory' | 'tool' | 'sop' | 'knowledge' | 'findings';
  /** What the model asks for, all of one step at once. */
  readonly calls: readonly (readonly Call[])[];
  readonly reply?: string;
}

/** What an attack has come to. */
export interface Outcome {
  readonly result: AgentResult;
  /** Every tool that ran, with its risk. */
  readonly ran: readonly { readonly tool: string; readonly risk: Tool['risk'] }[];
  /** Names of all tools that were put to reviewers. */
  readonly proposed: readonly string[];
  readonly reply: string;
  readonly reasons: readonly string[];
  /** All that the model was sent. */
  readonly told: string;
}

/** The real playbook, registry, gate, agent and guardrail, with a model over HTTP that obeys everybody. */
export async function attack(
  server: ModelServer,
  { agent: id, request, planted = '', where, calls, reply = 'Done.' }: Attack,
): Promise<Outcome> {
  const ran: { tool: string; risk: Tool['risk'] }[] = [];
  const tools = createToolRegistry(
    createTools({ recordsUrl: undefined }).map((tool) => watched(tool, where === 'tool' ? planted : '', ran)),
  );
  const playbook = poisoned(await loadPlaybook(folder, { reviewers: ['@rev:example.org'] }), where, planted);
  const model = createChatModel({
    provider: 'openai',
    apiKey: 'sk-test',
    baseUrl: server.url,
    model: 'obedient',
    timeoutMs: 5_000,
    idleTimeoutMs: 2_000,
    attempts: 1,
  });
  const agents = createAgents({
    playbook,
    model,
    index: createKnowledgeIndex(playbook.passages),
    tools,
    verifiers: createVerifiers(),
    validators: createValidators(),
  });
  server.queue(...calls.map(toReply), { kind: 'text', text: reply });
  const gate = createGate({
    tools,
    policyOf: (name) => playbook.toolPolicies.get(name),
    roomTools: playbook.roomTools,
  });
  const allowed = new Set(playbook.agents.get(id)?.tools ?? []);
  const message = where === 'message' ? `${request} ${planted}` : request;
  const analysis = { ...calm, topics: [id] };
  const task: AgentTask = {
    id: 'task',
    agent: id,
    request: message,
    analysis,
    findings: where === 'findings' ? planted : '',
    rejected: null,
    procedure: null,
    requester: '@mallory:example.org',
  };
  const history: Message[] = where === 'history' ? [{ role: 'user', text: planted }] : [];
  const agent = agents.get(id);
  if (agent === undefined) throw new Error(`There is no agent ${id}`);
  const result = await agent.work(task, {
    history,
    memories: where === 'memory' ? [planted] : [],
    callTool: (name, args, key) =>
      gate.call({ name, args, allowed, room: '!room:example.org', idempotencyKey: key, signal }),
    onDraft: () => undefined,
    onUsage: () => undefined,
    signal,
  });
  const draft = result.status === 'drafted' ? result.draft : '';
  const checked = createDraftCheck({ playbook, tools })(draft, [result], analysis);
  return {
    result,
    ran,
    proposed: result.status === 'drafted' ? result.actions.map(({ name }) => name) : [],
    reply: checked.text,
    reasons: checked.reasons,
    told: JSON.stringify(server.requests.map(({ messages }) => messages)),
  };
}

const calm: Analysis = {
  topics: [],
  urgency: 'normal',
  tone: 'neutral',
  sensitivity: { isSensitive: false, riskCategory: 'none', confidence: 1, entities: [] },
};

function toReply(calls: readonly Call[]): ModelReply {
  return { kind: 'calls', calls: calls.map(([name, args]) => ({ name, arguments: { ...args } })) };
}

/** Notes each run of a tool, and lets it say what was planted in it. */
function watched(tool: Tool, planted: string, ran: { tool: string; risk: Tool['risk'] }[]): Tool {
  return {
    ...tool,
    run: async (args, call) => {
      ran.push({ tool: tool.name, risk: tool.risk });
      const result = await tool.run(args, call);
      return planted === '' ? result : { ...result, text: `${result.text} ${planted}` };
    },
  };
}

function poisoned(playbook: Playbook, where: Attack['where'], planted: string): Playbook {
  if (where === 'sop') {
    const sops = [...playbook.sops.values()].map(
      (sop) => [sop.id, { ...sop, text: `${sop.text}\n\n${planted}` }] as const,
    );
    return { ...playbook, sops: new Map(sops) };
  }
  if (where !== 'knowledge') return playbook;
  return {
    ...playbook,
    passages: playbook.passages.map((passage) => ({ ...passage, text: `${passage.text}\n\n${planted}` })),
  };
}
