/** What a deletion did. */
export interface DeletedRecords {
  readonly project: string;
  readonly deleted: number;
}

/** The support desk's records about projects: outside of vagent, so that a call can be lost on either way. */
export interface RecordsStore {
  /**
   * Deletes all records of a project. A key that was seen before deletes nothing and answers as the first time.
   *
   * @throws {ToolError}
   */
  deleteRecords(
    project: string,
    call: { idempotencyKey: string; signal: AbortSignal },
  ): Promise<DeletedRecords>;
}
