import type { Conversation } from './conversation.ts';
import type { Input } from './parse-input.ts';
import { type TabName, takenOver } from './tab.ts';

/** What became of a line that was typed: where to be now, and what to tell. */
export interface Acted {
  readonly tab: TabName;
  readonly note?: string;
  /** The event that was sent. */
  readonly sent?: string;
  /** The prompt that was answered. */
  readonly answered?: string;
}

/** Words that people write who mean to decide. */
const soundsDecided = /^(approved?|accept|reject(ed)?|edit|respond|yes|no|ok(ay)?)\b/i;

type Said = Extract<Input, { kind: 'say' | 'decide' | 'switch' }>;

/** Does what a line says: speaks, answers an approval as the reviewer, or goes to the other tab. */
export async function act(conversation: Conversation, tab: TabName, input: Said): Promise<Acted> {
  switch (input.kind) {
    case 'say': {
      const over = tab === 'reviewer' ? takenOver(conversation.state(tab)) : undefined;
      const sent = await conversation.say(tab, input.text, over?.id);
      const [prompt] = tab === 'reviewer' && over === undefined ? conversation.prompts() : [];
      if (prompt === undefined || !soundsDecided.test(input.text)) return { tab, sent };
      const note = `Said in the room, and decided nothing: a decision names its approval, e.g. /approve ${prompt.card.code}`;
      return { tab, sent, note };
    }
    case 'switch':
      if (conversation.tab(input.to) !== undefined) return { tab: input.to };
      return { tab, note: `Nobody is signed in as ${input.to} here. See vagent chat --help` };
    case 'decide':
      return decide(conversation, tab, input.text, input.code);
    default:
      return input satisfies never;
  }
}

async function decide(
  conversation: Conversation,
  tab: TabName,
  text: string,
  code: string | undefined,
): Promise<Acted> {
  if (conversation.tab('reviewer') === undefined) {
    return { tab, note: 'No reviewer is signed in here. See vagent chat --help' };
  }
  const prompts = conversation.prompts();
  const meant = code === undefined ? prompts : prompts.filter(({ card }) => card.code === code);
  const [prompt, second] = meant;
  if (prompt === undefined) return { tab, note: 'No approval waits. Nothing was decided' };
  if (second !== undefined) {
    const codes = prompts.map(({ card }) => card.code).join(', ');
    return {
      tab: 'reviewer',
      note: `${prompts.length} approvals wait (${codes}): say which, e.g. /approve ${prompt.card.code}`,
    };
  }
  const sent = await conversation.say('reviewer', text, prompt.item.id);
  return { tab: 'reviewer', sent, answered: prompt.item.id };
}
