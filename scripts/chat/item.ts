import type { VagentContent } from '#contract/vagent-content';

/** Something in a room, as it stands now. */
export interface Item {
  readonly id: string;
  readonly sender: string;
  readonly text: string;
  /** What the bot says that it is; `message` for everything that people wrote, `notice` for other automata. */
  readonly kind: VagentContent['kind'] | 'message' | 'notice';
  readonly approval: string | undefined;
  /** The event that it answers. */
  readonly answers: string | undefined;
  readonly isEdited: boolean;
  /** Signs that people put under it, each once. */
  readonly reactions: readonly string[];
}
