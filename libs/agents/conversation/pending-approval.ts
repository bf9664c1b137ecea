import type { Action } from '#contract/approval';

/** An approval that the conversation waits for. */
export interface PendingApproval {
  readonly id: string;
  readonly actions: readonly Action[];
  /** When it was asked for, ISO 8601. */
  readonly since: string;
}
