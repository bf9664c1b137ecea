import type { FlowSpec } from '#playbook/flow-spec';
import type { LabelledMessage } from '#playbook/schemas/labelled-file';
import type { DialogueContext } from './understanding.ts';

/**
 * Where the conversation stands in a labelled message: in the flow whose slot is awaited, with the slots filled that
 * the flow asks for before it.
 */
export function contextOfItem(
  { awaiting, paused = [] }: LabelledMessage,
  flows: ReadonlyMap<string, FlowSpec>,
): DialogueContext {
  if (awaiting === undefined) return { flow: null, awaiting: null, filled: [], paused, waiting: 0 };
  const flow = flows.get(awaiting.flow);
  const type = flow?.slots.get(awaiting.slot)?.type ?? 'boolean';
  return {
    flow: awaiting.flow,
    awaiting: { ...awaiting, type },
    filled: flow === undefined ? [] : askedBefore(flow, awaiting.slot),
    paused,
    waiting: 0,
  };
}

/** In the order of the steps: what stands before the slot, or before the step of that id. */
function askedBefore(flow: FlowSpec, slot: string): string[] {
  const asked: string[] = [];
  for (const step of flow.steps) {
    if (step.id === slot) return asked;
    if (step.kind !== 'collect') continue;
    for (const name of step.slots) {
      if (name === slot) return asked;
      asked.push(name);
    }
  }
  return asked;
}
