import { emptyDialogue, type Frame } from '#dialogue/flows/dialogue-state';
import type { Message } from '#models/message';
import { longestText } from './append-messages.ts';
import type { PendingApproval } from './pending-approval.ts';
import type { Situation } from './situation.ts';

/** What a conversation's checkpoint holds from turn to turn. */
export interface KeptState {
  readonly messages: readonly Message[];
  readonly pending: readonly PendingApproval[];
  readonly situation: Situation;
}

/** A message that was taken back, and what came of it. */
export interface TakenBack {
  /** What it said, in each of its versions. */
  readonly texts: readonly string[];
  /** What the bot said about it. */
  readonly replies: readonly string[];
  /** Ids of the turns that worked on it. */
  readonly turns: readonly string[];
  /** Ids of the approvals that these turns asked for. */
  readonly approvals: readonly string[];
}

/**
 * The state without a message and what was made of it: its words, the answer behind them, what waits for a reviewer because of
 * it, and open flows that know something from it. Rather too much is forgotten than too little: flows are begun again easily.
 */
export function forgetMessage(state: KeptState, taken: TakenBack): KeptState {
  const messages = forgetWords(state.messages, taken);
  const pending = state.pending.filter(({ id }) => !taken.approvals.includes(id));
  const { dialogue, takeover } = state.situation;
  const isOf = (frame: Frame): boolean => isFrameOf(frame, taken);
  const parked = dialogue.parked.filter((frame) => !isOf(frame));
  const stack = dialogue.stack.some(isOf) ? emptyDialogue.stack : dialogue.stack;
  const left = takeover !== null && taken.approvals.includes(takeover.approval) ? null : takeover;
  const isOpen = stack.length + parked.length + pending.length > 0 || left !== null;
  return {
    messages,
    pending,
    situation: {
      ...state.situation,
      dialogue: { stack, parked },
      takeover: left,
      version: isOpen ? state.situation.version : null,
    },
  };
}

/** What the person said goes with the answers behind it; what repeats it whole goes wherever it stands. */
function forgetWords(messages: readonly Message[], { texts, replies }: TakenBack): Message[] {
  const said = texts.map((text) => text.trim()).filter((text) => text !== '');
  // A long text is kept only to a certain length.
  const beginnings = said.map((text) => text.slice(0, longestText - 1));
  const quoted = [...said, ...replies].filter((text) => text.length >= shortestQuote);
  let isAnswer = false;
  return messages.filter(({ role, text }) => {
    if (role === 'assistant') return !isAnswer && !quoted.some((words) => text.includes(words));
    isAnswer = beginnings.some((words) => isSaidIn(words, text.trim()));
    return !isAnswer;
  });
}

/** A message may have been answered together with others, each a paragraph of its own. */
function isSaidIn(words: string, text: string): boolean {
  if (words.length >= shortestQuote) return text.includes(words);
  return text === words || text.startsWith(`${words}\n\n`) || text.endsWith(`\n\n${words}`);
}

/** Shorter texts, such as "yes", stand in many others by chance. */
const shortestQuote = 8;

function isFrameOf(frame: Frame, { texts, turns, approvals }: TakenBack): boolean {
  if (turns.some((turn) => frame.id.includes(turn))) return true;
  if (frame.awaiting?.kind === 'approval' && approvals.includes(frame.awaiting.approval)) return true;
  const words = texts.map((text) => text.toLowerCase());
  return [frame.slots, frame.results].some((values) => hasWordsOf(values, words));
}

function hasWordsOf(value: unknown, texts: readonly string[]): boolean {
  if (typeof value === 'object' && value !== null) {
    return Object.values(value).some((part) => hasWordsOf(part, texts));
  }
  if (typeof value !== 'string' && typeof value !== 'number') return false;
  const words = String(value).trim().toLowerCase();
  if (words.length < 3) return false;
  return texts.some((text) => text.includes(words) || (text.length >= shortestQuote && words.includes(text)));
}
