import type { Comparison } from './compare-outcomes.ts';
import type { Conflict } from './find-conflicts.ts';
import type { LabelChange } from './label-changes.ts';
import type { Part } from './split-cases.ts';

/** What came of an optimisation; `--json` prints it as it is. */
export interface Report {
  /** Of the playbook. */
  readonly name: string;
  /** What understands: `offline`, or the name of the model. */
  readonly by: string;
  readonly seed: number;
  readonly cases: {
    readonly messages: number;
    readonly turns: number;
    readonly dialogues: number;
    readonly groups: number;
    readonly known: number;
  };
  readonly parts: Readonly<Record<Part, number>>;
  /** Labels that are too rare to be in every part. */
  readonly rare: readonly string[];
  readonly conflicts: readonly Conflict[];
  readonly notes: readonly string[];
  readonly validation: Comparison;
  /** Whether validation is improved by more than noise. Where not, held-out is measured as it stands alone. */
  readonly isAccepted: boolean;
  readonly heldOut: Comparison;
  /** Of held-out. */
  readonly labels: readonly LabelChange[];
  /** What changes, file by file, as unified diffs. */
  readonly diffs: readonly string[];
  readonly files: readonly string[];
  readonly cost: {
    readonly calls: number;
    /** How often a playbook was learnt. */
    readonly trials: number;
    readonly inputTokens: number;
    readonly outputTokens: number;
    readonly seconds: number;
  };
  readonly outcome: 'nothing' | 'proposed' | 'worse' | 'written';
}
