import type { PlaybookFiles } from '#playbook/playbook-files';

/** What a search found: other files, and how well validation is understood by those of before and by these. */
export interface Proposal {
  readonly files: PlaybookFiles;
  readonly before: readonly boolean[];
  readonly after: readonly boolean[];
  /** What people should know of how it was found. */
  readonly notes: readonly string[];
}
