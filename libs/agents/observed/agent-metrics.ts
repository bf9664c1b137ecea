import type { Breakers } from '#agents/tools/create-breakers';
import type { Metrics } from '#runtime/create-metrics';
import type { Tracing } from '#runtime/tracing';

export type AgentMetrics = ReturnType<typeof createAgentMetrics>;

/** What decorators around a desk tell what they see to. */
export interface Observer {
  readonly metrics: AgentMetrics;
  readonly tracing: Tracing;
}

/** Milliseconds of an example-based understanding to a minute of a model. */
const buckets = [0.001, 0.005, 0.02, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60];

/**
 * What a worker counts of agents, tools and models. Names in labels come from code, playbook and configuration, never from
 * a model or a person: what is not known there is called `unknown`.
 */
export function createAgentMetrics(metrics: Metrics) {
  const agents = defineMetrics(metrics);
  // What alerts go by begins with 0: Prometheus takes a counter that appears with 1 for one that has not moved.
  for (const scope of ['user', 'room']) {
    for (const what of ['tokens', 'cost', 'steps']) agents.budgetsExhausted.inc({ scope, what }, 0);
  }
  return agents;
}

function defineMetrics(metrics: Metrics) {
  return {
    understood: metrics.histogram('understanding_seconds', {
      help: 'Time to understand a message, by what did it and how that went',
      labels: ['by', 'outcome'],
      buckets,
    }),
    toolCalls: metrics.counter('tool_calls_total', {
      help: 'Calls of tools by how they ended; approved: those that reviewers allowed',
      labels: ['tool', 'status', 'approved'],
    }),
    toolSeconds: metrics.histogram('tool_seconds', {
      help: 'Time of calls of tools',
      labels: ['tool'],
      buckets,
    }),
    agentRuns: metrics.counter('agent_runs_total', {
      help: 'Tasks of agents by how they ended',
      labels: ['agent', 'outcome'],
    }),
    agentSeconds: metrics.histogram('agent_seconds', { help: 'Time of tasks', labels: ['agent'], buckets }),
    modelCalls: metrics.counter('model_calls_total', {
      help: 'Calls of models, retries included in one, by how they ended: ok, aborted, or the kind of error',
      labels: ['model', 'call', 'outcome'],
    }),
    modelSeconds: metrics.histogram('model_seconds', {
      help: 'Time of calls of models, retries included',
      labels: ['model', 'call'],
      buckets,
    }),
    modelTokens: metrics.counter('model_tokens_total', {
      help: 'Tokens as the server counts them, in and out',
      labels: ['model', 'direction'],
    }),
    modelCost: metrics.counter('model_cost_total', {
      help: 'Cost by the prices of the playbook, in its currency; 0 where it names none',
      labels: ['model'],
    }),
    draftChecks: metrics.counter('draft_checks_total', {
      help: 'Drafts that the guardrail looked at: passed, changed, or put to a person',
      labels: ['verdict'],
    }),
    flagsRolledBack: metrics.counter('flags_rolled_back_total', {
      help: 'Flags that were rolled back for their errors, rejects or edits',
      labels: ['flag'],
    }),
    budgetsExhausted: metrics.counter('budgets_exhausted_total', {
      help: 'Messages that met a used-up budget of the day',
      labels: ['scope', 'what'],
    }),
  };
}

/** At each scrape: which tools are left alone after failures, and which servers of tools are connected. */
export function watchTools(
  metrics: Metrics,
  breakers: Pick<Breakers, 'counts'>,
  servers: () => readonly { readonly server: string; readonly isConnected: boolean }[],
): void {
  metrics.gauge('tool_breaker_open', {
    help: '1 while a tool is left alone, as it failed several times in a row',
    labels: ['tool'],
    collect: (gauge) => {
      for (const { tool, state } of breakers.counts()) gauge.set({ tool }, state === 'open' ? 1 : 0);
    },
  });
  metrics.gauge('tool_calls_not_made', {
    help: 'Calls that were not made since the start, as the breaker of the tool was open',
    labels: ['tool'],
    collect: (gauge) => {
      for (const { tool, refused } of breakers.counts()) gauge.set({ tool }, refused);
    },
  });
  metrics.gauge('mcp_server_up', {
    help: '1 while a server of the playbook’s tools is connected',
    labels: ['server'],
    collect: (gauge) => {
      gauge.reset();
      for (const { server, isConnected } of servers()) gauge.set({ server }, isConnected ? 1 : 0);
    },
  });
}
