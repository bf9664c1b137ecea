import type { ActionResult } from './action-result.ts';

/** The single use that a decision grants, kept by the worker through the fence. */
export interface Permit {
  /**
   * Writes down that the action at this index is about to run, before it does.
   *
   * `go`: nobody has started it before. `unknown`: a run before this one started it and left no result.
   * `alreadyDone`: it has run, with this result.
   */
  start(actionIndex: number): Promise<'go' | 'unknown' | { readonly alreadyDone: ActionResult }>;
  /** Whether a run before this one started it: then what became of it is told, whatever is switched off by now. */
  hasStarted?(actionIndex: number): boolean;
}
