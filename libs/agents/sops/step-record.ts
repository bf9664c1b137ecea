import type { Json } from '#contract/canonical-json';
import type { SopStep } from '#playbook/agent-spec';

export type StepStatus = 'waiting' | 'passed' | 'failed' | 'proposed' | 'refused';

/** A step while its procedure is followed. */
export interface StepRecord {
  readonly step: SopStep;
  status: StepStatus;
  /** What its tool told, or why it has not passed. */
  text: string;
  data: Json;
}

export interface StepRecords {
  readonly all: readonly StepRecord[];
  /** What the steps that have passed gave, by id. */
  results(): Readonly<Record<string, Json>>;
  /** Those that this step comes after, and that have not passed. */
  before(record: StepRecord): readonly StepRecord[];
  /** May begin: everything before has passed, and itself it has neither passed nor been proposed. */
  isDue(record: StepRecord): boolean;
}

/** The records of a procedure's steps: nothing has begun. A step after one that does not exist is never due. */
export function createStepRecords(steps: readonly SopStep[]): StepRecords {
  const all = steps.map((step): StepRecord => ({ step, status: 'waiting', text: '', data: null }));
  const byId = new Map(all.map((record) => [record.step.id, record]));
  const before = ({ step }: StepRecord): readonly StepRecord[] =>
    step.after.flatMap((id) => {
      const earlier = byId.get(id) ?? lost(step, id);
      return earlier.status === 'passed' ? [] : [earlier];
    });
  return {
    all,
    before,
    results: () =>
      Object.fromEntries(
        all.flatMap(({ step, status, data }) => (status === 'passed' ? [[step.id, data]] : [])),
      ),
    isDue: (record) =>
      record.status !== 'passed' && record.status !== 'proposed' && before(record).length === 0,
  };
}

function lost(step: SopStep, id: string): StepRecord {
  return {
    step: { ...step, id, does: id, after: [] },
    status: 'failed',
    text: `There is no step ${id}.`,
    data: null,
  };
}
