import type { Dialogue } from './dialogue.ts';
import type { DialogueOutcome } from './dialogue-outcome.ts';
import type { DialogueProvider } from './dialogue-provider.ts';
import { openStages } from './open-stages.ts';
import { playDialogue } from './play-dialogue.ts';

export interface RunOptions {
  /** The playbook's folder. */
  readonly dir: string;
  readonly dialogues: readonly Dialogue[];
  readonly provider: DialogueProvider;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

/**
 * Plays dialogues one after the other, each on a stage of its own: nothing that one does is there for the next.
 *
 * @throws {PlaybookError} where the playbook cannot be used.
 */
export async function* runDialogues(options: RunOptions): AsyncGenerator<DialogueOutcome> {
  const { dir, dialogues, provider, env, signal } = options;
  await using stages = await openStages(dir, provider, env);
  for (const dialogue of dialogues) yield playDialogue(dialogue, await stages.open(), signal);
}
