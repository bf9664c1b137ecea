import type { Conversation } from '#agents/conversation/create-conversation';
import type { Understanding } from '#dialogue/understanding/understanding';
import type { DialogueTurn } from '#playbook/schemas/dialogue-file';
import type { Protect } from '#privacy/privacy';

/** What dialogues are played against: a desk with everything that happens in it observed. */
export interface DialogueStage extends Conversation {
  /** As ingress does it to every message. */
  readonly protect: Protect;
  /** Time of the dialogue, in ms; the desk's memory goes by it too. */
  readonly clock: { now: number };
  /** Names of the tools that ran since the last call, in their order. */
  takeRan(): readonly string[];
  /** How the last message was understood, since the last call. */
  takeUnderstood(): Understanding | undefined;
  /** Is told each turn before it is taken: what a scripted model answers by. `said` is the protected text. */
  begin(turn: DialogueTurn, said: string): void;
}
