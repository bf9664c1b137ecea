import type { FlowSpec, SlotSpec, Step } from './flow-spec.ts';
import { resolveCondition } from './resolve-condition.ts';
import type { FlowFile } from './schemas/flow-file.ts';
import type { WrittenStep } from './schemas/step.ts';

/** What a step writes as `next` to end its flow. */
export const endOfFlow = 'end';

/** A flow as written, with every step's id and successor. Names in it are not checked here. */
export function resolveFlow(
  id: string,
  { description, examples, offered, slots, steps }: FlowFile,
): FlowSpec {
  const ids = steps.map((step, index) => step.id ?? `${kindOf(step)}_${index + 1}`);
  return {
    id,
    description,
    examples,
    isOffered: offered,
    slots: new Map(Object.entries(slots).map(([name, { why, ...slot }]) => [name, slotOf(name, why, slot)])),
    steps: steps.map((step, index) => {
      const following = step.next ?? ids[index + 1] ?? endOfFlow;
      return resolveStep(step, ids[index] ?? '', following === endOfFlow ? undefined : following);
    }),
  };
}

function slotOf(
  name: string,
  why: string | undefined,
  slot: Omit<FlowFile['slots'][string], 'why'>,
): SlotSpec {
  return { name, ...slot, why };
}

export function kindOf(step: WrittenStep): Step['kind'] {
  if ('collect' in step) return 'collect';
  if ('action' in step) return 'action';
  if ('approval' in step) return 'approval';
  if ('branch' in step) return 'branch';
  if ('confirm' in step) return 'confirm';
  if ('say' in step) return 'say';
  if ('link' in step) return 'link';
  return 'set' in step ? 'set' : 'check';
}

function resolveStep(step: WrittenStep, id: string, next: string | undefined): Step {
  const base = { id, next };
  if ('collect' in step) return { ...base, kind: 'collect', slots: step.collect };
  if ('action' in step || 'approval' in step) {
    const [kind, tool] =
      'action' in step ? (['action', step.action] as const) : (['approval', step.approval] as const);
    return { ...base, kind, tool, with: step.with, save: step.save, onFailure: step.on_failure };
  }
  if ('branch' in step) {
    const cases = step.branch.map(({ when, goto }) => ({ when: resolveCondition(when), goto }));
    return { ...base, kind: 'branch', cases, otherwise: step.otherwise };
  }
  if ('confirm' in step) return { ...base, kind: 'confirm', ask: step.confirm, no: step.no };
  if ('say' in step) return { ...base, kind: 'say', text: step.say };
  if ('link' in step) {
    const to = typeof step.link === 'string' ? { flow: step.link, slots: {} } : step.link;
    return { ...base, kind: 'link', to };
  }
  if ('set' in step) return { ...base, kind: 'set', values: step.set };
  const { after, action, with: args, expect, failed } = step.check;
  const later = { afterSeconds: after, tool: action, with: args, expect: resolveCondition(expect), failed };
  return { ...base, kind: 'check', ...later };
}
