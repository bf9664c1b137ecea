import type { Message } from '#models/message';

const mostMessages = 40;
/** Of each message, in characters. */
export const longestText = 4_000;

/**
 * Adds to a conversation's history, keeping the newest messages and the beginning of each: a checkpoint must not
 * grow with the age of its session.
 */
export function appendMessages(history: readonly Message[], added: readonly Message[]): Message[] {
  const short = added.map(({ role, text }) => ({ role, text: shorten(text) }));
  return [...history, ...short].slice(-mostMessages);
}

function shorten(text: string): string {
  return text.length <= longestText ? text : `${text.slice(0, longestText - 1).toWellFormed()}…`;
}
