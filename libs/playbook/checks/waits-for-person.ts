import type { FlowSpec, Step } from '../flow-spec.ts';
import type { CheckContext } from './context.ts';

/**
 * Whether a step waits for somebody each time that it is come to: only then may steps go round. A collect step waits
 * once, and again only after a `set` has emptied one of its slots.
 */
export function waitsInLoop(step: Step, flow: FlowSpec, context: CheckContext): boolean {
  switch (step.kind) {
    case 'confirm':
    case 'approval':
      return true;
    case 'action':
      return isAsked(step.tool, context);
    case 'collect':
      return flow.steps.some(
        (other) => other.kind === 'set' && step.slots.some((slot) => other.values[slot] === null),
      );
    case 'link': {
      const target = 'flow' in step.to ? context.flows.get(step.to.flow) : undefined;
      return target?.steps.some(({ kind }) => ['collect', 'confirm', 'approval'].includes(kind)) ?? false;
    }
    default:
      return false;
  }
}

/** Whether a step of a flow that has just begun waits for somebody; `given` are slots that are filled already. */
export function waitsAtFirst(step: Step, given: ReadonlySet<string>, context: CheckContext): boolean {
  if (step.kind === 'collect') return step.slots.some((slot) => !given.has(slot));
  if (step.kind === 'action') return isAsked(step.tool, context);
  return step.kind === 'confirm' || step.kind === 'approval';
}

function isAsked(tool: string, { risks }: CheckContext): boolean {
  const risk = risks.get(tool);
  return risk === 'medium' || risk === 'high';
}
