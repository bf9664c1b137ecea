import type { Item } from './item.ts';
import type { Person } from './person.ts';
import { type PromptCard, readPrompt } from './read-prompt.ts';

export type TabName = 'you' | 'reviewer';

/** A room and who we are in it. */
export interface Tab {
  readonly name: TabName;
  readonly person: Person;
  readonly room: string;
  readonly title: string;
}

/** What is to be seen of a tab. */
export interface TabState {
  readonly items: readonly Item[];
  /** Said here, but not seen in the room yet. */
  readonly unsent: readonly { readonly id: string; readonly text: string }[];
  /** Display names of who is typing. */
  readonly typing: readonly string[];
  readonly names: ReadonlyMap<string, string>;
  /** Items that came while nobody looked. */
  readonly unread: number;
}

export const emptyTab: TabState = { items: [], unsent: [], typing: [], names: new Map(), unread: 0 };

export interface OpenPrompt {
  readonly item: Item;
  readonly card: PromptCard;
}

/** The approvals that wait, oldest first. */
export function openPrompts({ items }: Pick<TabState, 'items'>): OpenPrompt[] {
  return items.flatMap((item) => {
    const card = item.kind === 'approval' ? readPrompt(item.text) : undefined;
    return card !== undefined && card.outcome.length === 0 ? [{ item, card }] : [];
  });
}

/** The conversation that was taken over last: what the reviewer says goes there, until they write "hand back". */
export function takenOver({ items }: Pick<TabState, 'items'>): Item | undefined {
  const prompts = items.flatMap((item) => {
    const card = item.approval === undefined ? undefined : readPrompt(item.text);
    return card?.actions[0]?.name === 'hand_off' && /\bApproved\b/.test(card.outcome[0] ?? '') ? [item] : [];
  });
  const last = prompts.at(-1);
  const isOver = items.some(
    ({ answers, text }) => answers === last?.id && /^hand back\.?$/i.test(text.trim()),
  );
  return isOver ? undefined : last;
}

/** What to call a user: the display name, else the local part. */
export function displayName(names: ReadonlyMap<string, string>, userId: string): string {
  return names.get(userId) ?? userId.replace(/^@([^:]*):.*$/, '$1');
}
