import type { DialogueTurn } from '#playbook/schemas/dialogue-file';
import type { Protect } from '#privacy/privacy';
import { type ChatRequest, textsOf } from './chat-request.ts';
import type { Dialogue } from './dialogue.ts';

/** A message of a dialogue, as a model gets it. */
export interface ScriptedTurn {
  readonly turn: DialogueTurn;
  readonly said: string;
  /** What the same person wrote before it, oldest first. */
  readonly before: readonly string[];
}

export function scriptedTurns(dialogues: readonly Dialogue[], protect: Protect): readonly ScriptedTurn[] {
  return dialogues.flatMap(({ turns, user }) => {
    const said = new Map<string, string[]>();
    return turns.flatMap((turn): ScriptedTurn[] => {
      const safe = turn.user === undefined ? undefined : protect(turn.user, user);
      if (safe === undefined || !safe.ok) return [];
      const before = said.get(turn.as ?? user) ?? [];
      said.set(turn.as ?? user, [...before, safe.text]);
      return [{ turn, said: safe.text, before }];
    });
  });
}

/**
 * The turn that a request is about: its newest user message that any dialogue has. Where several dialogues have the same
 * message, the one counts whose messages before it were said too.
 */
export function findTurn(request: ChatRequest, turns: readonly ScriptedTurn[]): ScriptedTurn | undefined {
  const users = textsOf(request, 'user').map((text) => text.trim());
  for (const [index, text] of [...users.entries()].toReversed()) {
    // An agent is told its part behind the message itself.
    const found = turns.filter(({ said }) => text === said.trim() || text.startsWith(`${said.trim()}\n`));
    const earlier = users.slice(0, index).toReversed();
    const [best] = found.toSorted((a, b) => overlap(b.before, earlier) - overlap(a.before, earlier));
    if (best !== undefined) return best;
  }
  return undefined;
}

/** How many of the newest messages before are the same; a dialogue that has nothing before it fits a beginning. */
function overlap(before: readonly string[], earlier: readonly string[]): number {
  if (before.length === 0) return earlier.length === 0 ? 0.5 : 0;
  const mine = before.toReversed().map((text) => text.trim());
  const end = mine.findIndex((text, index) => text !== earlier[index]);
  return end < 0 ? mine.length : end;
}
