import type { PlaybookProblem } from './errors.ts';

/** A playbook's folder as it was read: plain JSON, so that a version can be kept and parsed again. */
export interface PlaybookFiles {
  /** Where it came from, for messages. */
  readonly dir: string;
  /** What a running bot depends on: text by path relative to the folder. */
  readonly texts: Readonly<Record<string, string>>;
  /** The labelled set and the conversation tests: no part of the version, and not needed to run. */
  readonly tests: Readonly<Record<string, string>>;
  /** What could not be read. */
  readonly problems: readonly PlaybookProblem[];
}

/** The folders of a playbook with how the names of their files end. */
export const playbookFolders = {
  agents: '.yaml',
  flows: '.yaml',
  sops: '.md',
  knowledge: '.md',
  understanding: '.yaml',
  dialogues: '.dialogue.yaml',
} as const;

export const mainFile = 'playbook.yaml';
export const topFiles = [mainFile, 'policies.yaml', 'tools.yaml', 'flags.json'] as const;
export const talkPath = 'understanding/talk.yaml';
export const analysisPath = 'understanding/analysis.yaml';
export const promptPath = 'understanding/prompt.yaml';
export const labelledPath = 'understanding/labelled.yaml';

export function isTest(path: string): boolean {
  return path === labelledPath || path.startsWith('dialogues/');
}
