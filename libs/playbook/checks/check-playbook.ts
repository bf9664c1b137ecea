import type { PlaybookProblem } from '../errors.ts';
import { checkAgent } from './check-agent.ts';
import { checkFlowNames } from './check-flow-names.ts';
import { checkFlowPaths } from './check-flow-paths.ts';
import { checkFlowTexts } from './check-flow-texts.ts';
import { checkLinks } from './check-links.ts';
import { checkPolicies } from './check-policies.ts';
import { checkPrompt } from './check-prompt.ts';
import { checkSop } from './check-sop.ts';
import type { CheckContext } from './context.ts';

/** Everything that can be wrong between files that are each right by themselves. */
export function checkPlaybook(context: CheckContext): PlaybookProblem[] {
  const { sources, flows } = context;
  const agents = [...sources.agents].flatMap(([id, { value, problemAt }]) =>
    value === undefined ? [] : checkAgent(id, value, problemAt, context),
  );
  const ofFlows = [...sources.flows].flatMap(([id, { value, problemAt }]) => {
    const flow = flows.get(id);
    if (value === undefined || flow === undefined) return [];
    const names = checkFlowNames(value, flow, problemAt, context);
    // Where steps cannot be told apart, or lead nowhere, their paths say nothing.
    const paths = names.length > 0 ? [] : checkFlowPaths(flow, problemAt, context);
    return [...names, ...checkFlowTexts(value, flow, problemAt), ...paths];
  });
  const sops = [...sources.sops.values()].flatMap(({ head: { value, problemAt } }) =>
    value === undefined ? [] : checkSop(value, problemAt, context),
  );
  return [
    ...agents,
    ...ofFlows,
    ...sops,
    ...checkPolicies(context),
    ...checkLinks(context),
    ...checkPrompt(context),
  ];
}
