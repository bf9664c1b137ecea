import type { FlowSpec, Step } from './flow-spec.ts';
import type { Sources } from './sources.ts';

/** Names of all tools that an agent, flow, SOP or the security protocol may use. */
export function toolsInUse(sources: Sources, flows: ReadonlyMap<string, FlowSpec>): ReadonlySet<string> {
  const ofFlows = [...flows.values()].flatMap(({ steps }) => steps.flatMap(toolOfStep));
  const ofAgents = [...sources.agents.values()].flatMap(({ value }) => value?.tools ?? []);
  const ofSops = [...sources.sops.values()].flatMap(
    ({ head }) => head.value?.steps.flatMap(({ tool }) => tool ?? []) ?? [],
  );
  const ofSecurity = Object.values(sources.policies.value?.security.tools ?? {}).flat();
  return new Set([...ofFlows, ...ofAgents, ...ofSops, ...ofSecurity].sort());
}

function toolOfStep(step: Step): string[] {
  return 'tool' in step ? [step.tool] : [];
}
