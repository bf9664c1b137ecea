import pino from 'pino';
import { z } from 'zod';
import { createBuiltInTools } from '#agents/built-in/create-built-in-tools';
import type { Desk } from '#agents/conversation/desk';
import { createLocalStores } from '#agents/desk/create-local-stores';
import type { Flags } from '#agents/flags/flags';
import type { Agent, AgentResult, AgentRun, AgentTask } from '#agents/specialists/agent';
import { createGate } from '#agents/tools/create-gate';
import type { Tool } from '#agents/tools/tool';
import { createToolRegistry } from '#agents/tools/tool-registry';
import type { Command } from '#dialogue/command';
import { createDialogue } from '#dialogue/flows/create-dialogue';
import { createValidators } from '#dialogue/flows/validators/create-validators';
import type { Analysis, UnderstandInput } from '#dialogue/understanding/understanding';
import { nothingSwitchedOff } from '#operations/switches/switch';
import type { AgentSpec } from '#playbook/agent-spec';
import type { FlowSpec } from '#playbook/flow-spec';
import type { Playbook } from '#playbook/playbook';
import type { ToolPolicy } from '#playbook/policies';

export const sampleReviewer = '@rev:example.org';

export interface SampleOptions {
  readonly version?: string;
  /** What messages do, by their text; others are small talk. */
  readonly commands?: (text: string) => readonly Command[];
  readonly analysis?: Partial<Analysis>;
  /** What the one agent, `billing`, does. */
  readonly work?: (task: AgentTask, run: AgentRun) => Promise<AgentResult>;
  readonly review?: AgentSpec['review'];
  readonly flag?: string;
  readonly flags?: Partial<Flags>;
  /** Texts that a person has to read before they go out. */
  readonly suspicious?: RegExp;
  readonly tokensPerDay?: number;
  readonly stores?: ReturnType<typeof createLocalStores>;
}

const policy: ToolPolicy = {
  risk: 'medium',
  expiresInSeconds: 3_600,
  policy: {
    reviewers: [sampleReviewer],
    quorum: 1,
    excludeRequester: true,
    minPowerLevel: null,
    reminders: [],
    escalateTo: null,
    onExpiry: 'reject',
  },
};

/** A small desk around real flows, tools and stores; understanding and agents do what the test says. */
export function sampleDesk(options: SampleOptions = {}) {
  const seen: UnderstandInput[] = [];
  const ran: { tool: string; args: unknown; key: string }[] = [];
  const tool = (name: string, risk: Tool['risk']): Tool => ({
    name,
    description: name,
    args: z.strictObject({ project: z.string().min(1) }),
    risk,
    isRepeatable: true,
    timeoutMs: 1_000,
    run: async (args, { idempotencyKey }) => {
      ran.push({ tool: name, args, key: idempotencyKey });
      return { text: `${name} is done.`, data: { state: 'done' } };
    },
  });
  const stores = options.stores ?? createLocalStores();
  const spec: AgentSpec = {
    id: 'billing',
    description: 'Invoices and payments.',
    examples: [],
    keywords: [],
    tools: ['look_up', 'wipe'],
    sops: [],
    model: undefined,
    review: options.review ?? 'sensitive',
    flag: options.flag,
  };
  const limits = { tokensPerDay: options.tokensPerDay, costPerDay: undefined, stepsPerDay: undefined };
  const unlimited = { tokensPerDay: undefined, costPerDay: undefined, stepsPerDay: undefined };
  const playbook = {
    version: options.version ?? 'v1',
    greeting: 'Hello, I am the desk.',
    human: 'Write to a person.',
    agents: new Map([['billing', spec]]),
    flows: sampleFlows(),
    policies: {
      review: { rounds: 2, forbidden: [], links: [] },
      security: { threshold: 0.85, tools: {} },
      budgets: { user: limits, room: unlimited, prices: {} },
      memory: { ttlSeconds: 3_600, pattern: { users: 2, withinSeconds: 3_600 } },
      takeoverIdleSeconds: 1_800,
    },
  } as unknown as Playbook;
  const budgets = stores.budgets(playbook.policies.budgets);
  const tools = createToolRegistry([
    tool('look_up', 'low'),
    tool('wipe', 'medium'),
    ...createBuiltInTools(budgets),
  ]);
  const work: Agent['work'] = options.work ?? (async (task) => drafted(`A draft about ${task.request}`));
  const desk: Desk = {
    playbook,
    understand: async (input) => {
      seen.push(input);
      input.onUsage({ model: 'sample', inputTokens: 60, outputTokens: 0 });
      const commands = options.commands?.(input.text) ?? [{ kind: 'chat', tone: 'other' } as const];
      const sensitivity = { isSensitive: false, riskCategory: 'none', confidence: 1, entities: [] } as const;
      const calm = { topics: ['billing'], urgency: 'normal', tone: 'neutral', sensitivity } as const;
      return { commands, analysis: { ...calm, ...options.analysis }, confidence: 1 };
    },
    dialogue: createDialogue({ flows: playbook.flows, validators: createValidators() }),
    answer: async ({ question, onDraft }) => {
      onDraft('The an');
      return `The answer to ${question}`;
    },
    knows: (question) => question.includes('known'),
    agents: {
      get: (id) => (id === 'billing' ? { id, description: spec.description, work } : undefined),
      ids: () => ['billing'],
    },
    gate: createGate({ tools, policyOf: () => undefined, roomTools: new Map() }),
    tools,
    flags: {
      isOn: async () => true,
      variantOf: async (_flag, _context, fallback) => fallback,
      report: async () => undefined,
      ...options.flags,
    },
    memory: stores.memory(playbook.policies.memory),
    budgets,
    switches: nothingSwitchedOff,
    usesModel: true,
    policyOf: () => policy,
    checkDraft: (draft, results, analysis) => ({
      text: draft,
      reasons: [
        ...(options.suspicious?.test(draft) ? ['it looks suspicious'] : []),
        ...(results.length > 0 && spec.review === 'always' ? ['drafts are always read'] : []),
        ...(analysis.sensitivity.isSensitive ? ['the message is sensitive'] : []),
      ],
    }),
    secure: async () => ({ findings: [], actions: [], isCautious: false, markdown: 'Found: nothing.' }),
  };
  return { desk, seen, ran, stores, log: pino({ level: 'silent' }) };
}

export function drafted(draft: string, more: Partial<AgentResult> = {}): AgentResult {
  const result = {
    agent: 'billing',
    steps: [],
    summary: 'It wrote a draft.',
    status: 'drafted',
    draft,
    actions: [],
    sources: [],
  };
  // The parts of one variant, in one literal.
  return { ...result, ...more } as AgentResult;
}

function sampleFlows(): ReadonlyMap<string, FlowSpec> {
  const slot = {
    name: 'project',
    type: 'project',
    description: 'the project',
    ask: 'Which project?',
    why: 'There are many.',
    examples: [],
  };
  const flow = (id: string, steps: FlowSpec['steps'], isOffered = true): [string, FlowSpec] => [
    id,
    {
      id,
      description: `The flow ${id}.`,
      examples: [],
      slots: new Map([['project', slot]]),
      steps,
      isOffered,
    },
  ];
  const use = (toolName: string, next: string) =>
    ({
      id: 'use',
      kind: 'action',
      tool: toolName,
      with: { project: '{project}' },
      save: 'used',
      onFailure: undefined,
      next,
    }) as const;
  const collect = { id: 'collect', kind: 'collect', slots: ['project'], next: 'use' } as const;
  const say = { id: 'say', kind: 'say', text: 'Finished with {project}.', next: undefined } as const;
  return new Map([
    flow('look', [collect, use('look_up', 'say'), say]),
    flow('wipe', [
      collect,
      use('wipe', 'check'),
      {
        id: 'check',
        kind: 'check',
        afterSeconds: 600,
        tool: 'look_up',
        with: { project: '{project}' },
        expect: { value: 'result.state', is: 'gone' },
        failed: 'It has come back.',
        next: 'say',
      },
      say,
    ]),
    flow(
      'feedback',
      [
        { id: 'solved', kind: 'confirm', ask: 'Did that help?', no: 'sorry', next: 'glad' },
        { id: 'glad', kind: 'say', text: 'Good.', next: undefined },
        { id: 'sorry', kind: 'say', text: 'Sorry.', next: undefined },
      ],
      false,
    ),
  ]);
}
