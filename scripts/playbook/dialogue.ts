import type { DialogueTurn, Expectations } from '#playbook/schemas/dialogue-file';

/** A conversation as it should go. */
export interface Dialogue {
  readonly name: string;
  /** As problems name it. */
  readonly file: string;
  readonly user: string;
  readonly turns: readonly DialogueTurn[];
  /** The line of a turn, or of one of its expectations, counted from 1. */
  readonly lineOf: (turn: number, expectation?: keyof Expectations) => number;
}
