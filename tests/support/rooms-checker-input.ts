import type { System } from './start-system.ts';
import type { ToolServer } from './tool-server.ts';

/** An action that the outside world has applied, as its log has it. */
export interface AppliedAction {
  readonly key: string;
  readonly args: unknown;
}

export interface Expected {
  /** The log of the tool server: each entry is an effect, in its order. */
  readonly applied?: () => readonly AppliedAction[];
  /** How many dead letters there may be. */
  readonly deadLetters?: number;
  /** False where histories cannot be compared, e.g. after somebody deleted checkpoints by hand. */
  readonly checkpoints?: boolean;
}

export type CheckedSystem = Pick<System, 'rooms' | 'botId' | 'redis' | 'keys' | 'partitions' | 'reviewers'> &
  Partial<Pick<System, 'openBody'>>;

/** The effects in a tool server's log. */
export function appliedBy(server: Pick<ToolServer, 'calls' | 'applied'>): AppliedAction[] {
  return [...server.applied].flatMap(([key, times]) => {
    const project = server.calls.find((call) => call.key === key)?.project;
    return Array.from({ length: times }, () => ({ key, args: { project } }));
  });
}
