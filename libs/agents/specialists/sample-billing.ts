import { z } from 'zod';
import { createVerifiers } from '#agents/sops/verifiers/create-verifiers';
import { type Action, actionOf, type Risk } from '#contract/approval';
import type { Json } from '#contract/canonical-json';
import type { Validator } from '#dialogue/flows/validator';
import type { Analysis } from '#dialogue/understanding/understanding';
import { createKnowledgeIndex } from '#models/create-knowledge-index';
import type { AgentSpec, Sop } from '#playbook/agent-spec';
import type { FlowSpec } from '#playbook/flow-spec';
import type { Passage } from '#playbook/playbook';
import type { AgentResult, AgentRun, AgentTask, ToolOutcome } from './agent.ts';
import { type AgentsDeps, createAgents } from './create-agents.ts';

const calm: Analysis = {
  topics: ['billing'],
  urgency: 'normal',
  tone: 'neutral',
  sensitivity: { isSensitive: false, riskCategory: 'none', confidence: 1, entities: [] },
};

const billing: AgentSpec = {
  id: 'billing',
  description: 'Invoices and refunds.',
  examples: ['I was charged twice'],
  keywords: ['invoice', 'refund'],
  tools: ['find_invoice', 'refund_invoice'],
  sops: [],
  model: undefined,
  review: 'sensitive',
  flag: undefined,
};

const refund: Sop = {
  id: 'refund',
  title: 'Refund a duplicate charge',
  topics: ['billing'],
  keywords: ['charged twice', 'refund'],
  steps: [
    step('look_up', {
      tool: 'find_invoice',
      with: { invoice_id: '{entities.invoice_id}' },
      verify: 'invoice_found',
    }),
    step('sure', { verify: 'invoice_refundable', after: ['look_up'] }),
    step('pay_back', { tool: 'refund_invoice', after: ['sure'], does: 'Give the money back.' }),
  ],
  text: '1. Find the invoice.\n2. Ask the person to wait ten days.\n3. Never say who made the mistake.',
};

const passages: readonly Passage[] = [
  {
    id: 'p1',
    file: 'knowledge/billing.md',
    line: 3,
    title: 'Billing',
    headings: ['Where invoices are'],
    source: 'Billing › Where invoices are',
    text: 'Invoices are under **Settings › Billing**.',
    keywords: ['invoice'],
  },
];

function step(id: string, rest: Partial<Sop['steps'][number]>): Sop['steps'][number] {
  return { id, does: `Does ${id}.`, tool: undefined, with: {}, verify: undefined, after: [], ...rest };
}

const invoiceId: Validator = {
  name: 'invoice_id',
  description: 'like INV-1042',
  validate: (written) => ({ ok: true, value: written.toUpperCase() }),
  find: (text) => text.match(/INV-\d{4}/gi) ?? [],
};

const invoices: Record<string, { amount: number; state: string; refundable: boolean }> = {
  'INV-1042': { amount: 49, state: 'paid', refundable: true },
  'INV-2000': { amount: 10, state: 'open', refundable: false },
};

const registered: Record<
  string,
  { risk: Risk; schema: z.ZodType; run: (args: Record<string, Json>) => Json }
> = {
  find_invoice: {
    risk: 'low',
    schema: z.strictObject({ invoice_id: z.string() }),
    run: ({ invoice_id }) => ({ invoice_id: invoice_id ?? null, ...invoices[String(invoice_id)] }),
  },
  refund_invoice: {
    risk: 'medium',
    schema: z.strictObject({ invoice_id: z.string(), amount: z.number(), reason: z.string() }),
    run: () => null,
  },
};

const flow: FlowSpec = {
  id: 'refund',
  description: '',
  examples: [],
  steps: [],
  isOffered: true,
  slots: new Map([
    ['invoice_id', slot('invoice_id', 'invoice_id', 'Which invoice is it?')],
    ['reason', slot('reason', 'text', 'Why?')],
  ]),
};

function slot(name: string, type: string, ask: string) {
  return { name, type, ask, description: '', why: undefined, examples: [] };
}

/** Agents of a small playbook: one for billing, with one procedure and one passage. */
export function agentsWith(overrides: Partial<AgentsDeps> = {}) {
  return createAgents({
    playbook: {
      agents: new Map([['billing', billing]]),
      flows: new Map([['refund', flow]]),
      sops: new Map([['refund', refund]]),
      toolPolicies: new Map(),
      persona: 'You are a support desk.',
      human: 'Write to desk@forgebase.example.',
    },
    index: createKnowledgeIndex(passages),
    tools: {
      get: (name) => registered[name],
      descriptions: () =>
        Object.entries(registered).map(([name, { schema }]) => ({
          name,
          description: name,
          schema: z.record(z.string(), z.unknown()).parse(z.toJSONSchema(schema)),
        })),
    },
    verifiers: createVerifiers(),
    validators: new Map([['invoice_id', invoiceId]]),
    ...overrides,
  });
}

/** A gate as the worker's: risky tools are proposed, nothing else. */
export function runWith(overrides: Partial<AgentRun> = {}) {
  const ran: { name: string; key: string }[] = [];
  const drafts: string[] = [];
  const run: AgentRun = {
    history: [],
    memories: [],
    callTool: async (name, args, key): Promise<ToolOutcome> => {
      const tool = registered[name];
      const read = tool?.schema.safeParse(args);
      if (tool === undefined || read?.success !== true) return { status: 'refused', text: 'wrong arguments' };
      const given = read.data as Record<string, Json>;
      if (tool.risk !== 'low') return { status: 'proposed', action: actionOf(name, given) };
      ran.push({ name, key });
      return { status: 'done', text: `${name} of ${JSON.stringify(given)}`, data: tool.run(given) };
    },
    onDraft: (text) => void drafts.push(text),
    onUsage: () => undefined,
    signal: new AbortController().signal,
    ...overrides,
  };
  return { run, ran, drafts };
}

/** A task for it, calm and alone. */
export function taskOf(request: string, overrides: Partial<AgentTask> = {}): AgentTask {
  return {
    id: 't1',
    agent: 'billing',
    request,
    analysis: calm,
    findings: '',
    rejected: null,
    procedure: null,
    ...overrides,
  };
}

/** Lets it work on a request. */
export async function work(
  request: string,
  {
    task = {},
    run = runWith().run,
    deps = {},
  }: {
    task?: Partial<AgentTask>;
    run?: AgentRun;
    deps?: Partial<AgentsDeps>;
  } = {},
): Promise<AgentResult> {
  const agent = agentsWith(deps).get('billing');
  if (agent === undefined) throw new Error('no agent');
  return agent.work(taskOf(request, task), run);
}

/** The drafted variant of a result, or an error that says what it is instead. */
export function draftOf(result: AgentResult): { draft: string; actions: readonly Action[] } {
  if (result.status !== 'drafted') throw new Error(`it is ${result.status}: ${result.summary}`);
  return result;
}
