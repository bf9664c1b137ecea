import type { Message } from '#models/message';

const mostMessages = 50;
const keptMessages = 40;
/** Of each message, in characters. */
export const longestText = 4_000;

/**
 * Adds to a conversation's history, keeping the newest messages and the beginning of each: a checkpoint must not grow with
 * the age of its session. What is too old goes ten at a time: a list that only grows is stored by its new tail, one that
 * loses its head has to be stored as a whole.
 */
export function appendMessages(history: readonly Message[], added: readonly Message[]): Message[] {
  const short = added.map(({ role, text }) => ({ role, text: shorten(text) }));
  const all = [...history, ...short];
  return all.length > mostMessages ? all.slice(-keptMessages) : all;
}

function shorten(text: string): string {
  return text.length <= longestText ? text : `${text.slice(0, longestText - 1).toWellFormed()}…`;
}
