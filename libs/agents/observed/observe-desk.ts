import type { Desk } from '#agents/conversation/desk';
import type { Agent } from '#agents/specialists/agent';
import { inSpan } from '#runtime/in-span';
import type { Observer } from './agent-metrics.ts';

/** The same desk, with what is done at it counted, timed and traced. Nothing that is said at it is looked at. */
export function observeDesk<D extends Desk>(desk: D, observer: Observer): D {
  return {
    ...desk,
    understand: understand(desk, observer),
    gate: gate(desk, observer),
    agents: agents(desk, observer),
    checkDraft: checkDraft(desk, observer),
    flags: flags(desk, observer),
    budgets: budgets(desk, observer),
  };
}

function understand({ understand }: Desk, { metrics, tracing }: Observer): Desk['understand'] {
  return (input) =>
    inSpan(tracing, 'understand', {}, async (span) => {
      const stopTimer = metrics.understood.startTimer();
      try {
        const understood = await understand(input);
        const by = understood.by === undefined ? 'examples' : 'model';
        stopTimer({ by, outcome: 'ok' });
        span.set({ 'vagent.by': by, 'vagent.commands': understood.commands.length });
        return understood;
      } catch (error) {
        stopTimer({ by: 'model', outcome: 'failed' });
        throw error;
      }
    });
}

function gate({ gate, tools }: Desk, { metrics, tracing }: Observer): Desk['gate'] {
  return {
    ...gate,
    call: (call) => {
      const tool = tools.get(call.name) === undefined ? 'unknown' : call.name;
      return inSpan(tracing, 'tool', { attributes: { 'vagent.tool': tool } }, async (span) => {
        const stopTimer = metrics.toolSeconds.startTimer({ tool });
        const outcome = await gate.call(call);
        const { status } = outcome;
        if (status === 'done' || status === 'failed') stopTimer();
        metrics.toolCalls.inc({ tool, status, approved: 'false' });
        span.set({ 'vagent.status': status });
        return outcome;
      });
    },
  };
}

function agents({ agents }: Desk, observer: Observer): Desk['agents'] {
  const observed = new Map(
    agents.ids().flatMap((id) => {
      const agent = agents.get(id);
      return agent === undefined ? [] : [[id, observeAgent(agent, observer)]];
    }),
  );
  return { ...agents, get: (id) => observed.get(id) };
}

function observeAgent(agent: Agent, { metrics, tracing }: Observer): Agent {
  const { id } = agent;
  return {
    ...agent,
    work: (task, run) =>
      inSpan(tracing, 'agent', { attributes: { 'vagent.agent': id } }, async (span) => {
        const stopTimer = metrics.agentSeconds.startTimer({ agent: id });
        try {
          const result = await agent.work(task, run);
          metrics.agentRuns.inc({ agent: id, outcome: result.status });
          span.set({ 'vagent.status': result.status, 'vagent.steps': result.steps.length });
          return result;
        } catch (error) {
          metrics.agentRuns.inc({ agent: id, outcome: run.signal.aborted ? 'aborted' : 'error' });
          throw error;
        } finally {
          stopTimer();
        }
      }),
  };
}

function checkDraft({ checkDraft }: Desk, { metrics }: Observer): Desk['checkDraft'] {
  return (...given) => {
    const checked = checkDraft(...given);
    const clean = checked.text === given[0] ? 'passed' : 'changed';
    metrics.draftChecks.inc({ verdict: checked.reasons.length > 0 ? 'review' : clean });
    return checked;
  };
}

function flags({ flags }: Desk, { metrics }: Observer): Desk['flags'] {
  return {
    ...flags,
    report: async (flag, context, outcome, key) => {
      const rolledBack = await flags.report(flag, context, outcome, key);
      if (rolledBack !== undefined) metrics.flagsRolledBack.inc({ flag });
      return rolledBack;
    },
  };
}

function budgets({ budgets }: Desk, { metrics }: Observer): Desk['budgets'] {
  return {
    ...budgets,
    exhausted: async (spender) => {
      const found = await budgets.exhausted(spender);
      if (found !== undefined) metrics.budgetsExhausted.inc({ scope: found.scope, what: found.what });
      return found;
    },
  };
}
