/** A procedure that a reviewer wrote because the playbook had none. */
export interface KeptProcedure {
  /** Of the approval by which it was asked for. */
  readonly id: string;
  /** The conversation in which it was asked for; missing in what releases before kept. */
  readonly session?: string | undefined;
  readonly topic: string;
  /** What the person wanted. */
  readonly request: string;
  readonly text: string;
  readonly by: string;
  /** ISO 8601. */
  readonly at: string;
}

/** Where procedures of reviewers wait until an author takes them into the playbook. */
export interface Procedures {
  /** Safe to repeat. */
  keep(procedure: KeptProcedure): Promise<void>;
  list(): Promise<readonly KeptProcedure[]>;
}
