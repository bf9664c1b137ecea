import type { FlowSpec, Step } from '#playbook/flow-spec';
import type { Frame } from './dialogue-state.ts';
import type { Scope } from './read-path.ts';
import type { Validator } from './validator.ts';

/** What flows are made of. */
export interface Book {
  readonly flows: ReadonlyMap<string, FlowSpec>;
  readonly validators: ReadonlyMap<string, Validator>;
}

/** The step with this id of the frame's flow; undefined when the playbook has it no more. */
export function stepOf({ flows }: Book, { flow, step }: Pick<Frame, 'flow' | 'step'>): Step | undefined {
  return flows.get(flow)?.steps.find(({ id }) => id === step);
}

/** What the frame's templates and conditions can name. */
export function scopeOf({ slots, results }: Frame): Scope {
  return { ...results, ...slots };
}
