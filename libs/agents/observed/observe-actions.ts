import type { ActionGraph } from '#agents/actions/build-action-graph';
import type { ToolRegistry } from '#agents/tools/tool-registry';
import { inSpan } from '#runtime/in-span';
import type { Observer } from './agent-metrics.ts';

/** The same action graph, with the calls that reviewers allowed counted, timed and traced. */
export function observeActions(
  actions: ActionGraph,
  tools: Pick<ToolRegistry, 'get'>,
  { metrics, tracing }: Observer,
): ActionGraph {
  return {
    ...actions,
    decide: (interrupt, decision, grant) => {
      if (decision.decision !== 'approve' && decision.decision !== 'edit') {
        return actions.decide(interrupt, decision, grant);
      }
      const names = decision.actions.map(({ name }) => (tools.get(name) === undefined ? 'unknown' : name));
      const tool = new Set(names).size === 1 ? (names[0] ?? 'unknown') : 'several';
      const attributes = { 'vagent.tool': tool, 'vagent.decision': decision.decision };
      return inSpan(tracing, 'tool', { attributes }, async (span) => {
        const stopTimer = metrics.toolSeconds.startTimer({ tool });
        const results = await actions.decide(interrupt, decision, grant);
        stopTimer();
        for (const [index, { status }] of results.entries()) {
          metrics.toolCalls.inc({ tool: names[index] ?? 'unknown', status, approved: 'true' });
        }
        span.set({ 'vagent.status': [...new Set(results.map(({ status }) => status))].join(' ') });
        return results;
      });
    },
  };
}
