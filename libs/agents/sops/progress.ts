import type { ToolOutcome } from '#agents/specialists/agent';
import type { Action } from '#contract/approval';
import type { TemplateScope } from './fill-template.ts';
import type { ProcedureDeps } from './procedure.ts';
import type { StepRecord, StepRecords } from './step-record.ts';

/** What is known of a procedure while it is followed. */
export interface Progress {
  readonly deps: ProcedureDeps;
  readonly records: StepRecords;
  readonly actions: Action[];
  /** Calls that no step names. */
  readonly beside: { readonly tool: string; readonly outcome: ToolOutcome }[];
  /** Steps that code has tried: it does not try again by itself. */
  readonly tried: Set<StepRecord>;
}

/** What templates can name by now. */
export function scopeOf({ deps, records }: Progress): TemplateScope {
  return { results: records.results(), entities: deps.entities, request: deps.request };
}
