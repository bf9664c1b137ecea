import type { Action } from '#contract/approval';
import type { Json } from '#contract/canonical-json';

/** What one tool of the protocol has found, or why it has found nothing. */
export interface SecurityFinding {
  readonly tool: string;
  readonly args: Readonly<Record<string, Json>>;
  /** `skipped`: it would have needed something that the message does not name, or would have changed something. */
  readonly status: 'done' | 'proposed' | 'refused' | 'failed' | 'skipped';
  readonly text: string;
}

/** What the security protocol has come to. Plain JSON. */
export interface SecurityReport {
  readonly findings: readonly SecurityFinding[];
  /** Tools that are more than containment: for reviewers, never run. */
  readonly actions: readonly Action[];
  /** The category was not certain: nothing that changes something was run. */
  readonly isCautious: boolean;
  /** For reviewers; empty where the protocol did not run. */
  readonly markdown: string;
}
