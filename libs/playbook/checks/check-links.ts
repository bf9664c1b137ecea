import type { PlaybookProblem } from '../errors.ts';
import type { FlowSpec, Step } from '../flow-spec.ts';
import type { CheckContext } from './context.ts';
import { findCycles } from './find-cycles.ts';
import { reachable } from './flow-graph.ts';
import { waitsAtFirst } from './waits-for-person.ts';

/** Flows that start each other, or themselves, before anybody is asked anything. */
export function checkLinks(context: CheckContext): PlaybookProblem[] {
  const { flows, sources } = context;
  const given = givenSlots(flows);
  const links = new Map(
    [...flows].map(([id, flow]) => [id, promptLinks(flow, given.get(id) ?? new Set(), context)]),
  );
  const targets = (id: string): string[] => (links.get(id) ?? []).map(({ target }) => target);
  return findCycles([...flows.keys()], targets).flatMap((ids) => {
    const first = ids[0] ?? '';
    const link = links.get(first)?.find(({ target }) => ids.includes(target));
    const file = sources.flows.get(first);
    if (link === undefined || file === undefined) return [];
    const round = ids.length === 1 ? `flow "${first}" starts itself` : `${ids.join(', ')} start each other`;
    const hint = 'Ask something before the link: collect a slot, or confirm';
    return [file.problemAt(['steps', link.index, 'link'], `${round} without waiting for anybody`, hint)];
  });
}

interface Link {
  readonly target: string;
  readonly index: number;
}

/** The links of a flow that are come to before it waits. */
function promptLinks(flow: FlowSpec, given: ReadonlySet<string>, context: CheckContext): Link[] {
  const first = flow.steps[0]?.id ?? '';
  const found = reachable(flow, first, (step) => !waitsAtFirst(step, given, context));
  return flow.steps.flatMap((step, index) => {
    const target = targetOf(step);
    return target !== undefined && found.has(step.id) ? [{ target, index }] : [];
  });
}

function givenSlots(flows: ReadonlyMap<string, FlowSpec>): ReadonlyMap<string, Set<string>> {
  const given = new Map<string, Set<string>>([...flows.keys()].map((id) => [id, new Set()]));
  for (const { steps } of flows.values()) {
    for (const step of steps) {
      if (step.kind !== 'link' || !('flow' in step.to)) continue;
      for (const slot of Object.keys(step.to.slots)) given.get(step.to.flow)?.add(slot);
    }
  }
  return given;
}

function targetOf(step: Step): string | undefined {
  return step.kind === 'link' && 'flow' in step.to ? step.to.flow : undefined;
}
