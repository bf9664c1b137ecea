/**
 * What a request is. `question`: wants to know; `task`: wants something done for them; `wish`: wants to do or to have
 * something, which they may be able to do by themselves; `problem`: tells that something is wrong, or anything else.
 */
export type RequestKind = 'question' | 'task' | 'wish' | 'problem';

const longestRequest = 4_000;
/** Verbs by which one asks to be told something, not to have something changed. */
const tellVerbs =
  'tell|explain|show|describe|say|advise|clarify|help|point|remind|let me know|know|understand|find out';
const asksToBeTold = new RegExp(`^(?:${tellVerbs})\\b`);
const plea =
  /^(?:(?:can|could|would|will) (?:you|someone|somebody|anyone|we)(?: please| kindly)?|please|kindly|(?:i|we) (?:really |just )?(?:want|need|would like) (?:you|someone|somebody) to|i'd like you to) /;
const wish = /^(?:(?:i|we) (?:really |just )?(?:want|need|would like)|(?:i|we)'d like)(?: to)? /;
const imperative =
  /^(?:add|allow|apply|assign|block|cancel|change|close|convert|create|delete|disable|downgrade|enable|erase|extend|fix|freeze|give|grant|increase|invite|issue|lift|lock|merge|move|pay|raise|recover|refund|reinstate|release|remove|rename|renew|replace|report|reset|restart|restore|revoke|rotate|send|set|stop|suspend|swap|switch|transfer|turn|unblock|unlock|update|upgrade|wipe)\b/;
const opener = /^(?:hi|hello|hey|ok|okay|so|and|also|then|now|well|but|thanks|thank you|sorry)\b[,.! ]*/;
const interrogative =
  /^(?:how|what|what's|when|where|where's|which|who|whose|why|is|are|am|was|were|do|does|did|can|could|may|might|must|should|shall|will|would|has|have|had)\b/;

/** Reads it from the form of the sentences: a task counts most, then a wish, then a problem. Linear time. */
export function requestKind(text: string): RequestKind {
  const kinds = new Set(sentencesOf(text.slice(0, longestRequest)).map(kindOf));
  const order: readonly RequestKind[] = ['task', 'wish', 'problem', 'question'];
  return order.find((kind) => kinds.has(kind)) ?? 'problem';
}

/** The sentences of a text, each with its sign at the end. A line that goes on in small letters is not at its end. */
export function sentencesOf(text: string): string[] {
  const joined = text.replaceAll(/(?<=[^\s.!?:])[^\S\n]*\n(?=[\p{Ll}\p{N}(])/gu, ' ');
  const pieces = joined.match(/[^.!?\n]+(?:[.!?](?=\S)[^.!?\n]+)*[.!?]*/g) ?? [];
  return pieces.map((piece) => piece.trim()).filter((piece) => /[\p{L}\p{N}]/u.test(piece));
}

function kindOf(sentence: string): RequestKind {
  let plain = sentence
    .toLowerCase()
    .replaceAll('’', "'")
    .replace(/^[^\p{L}\p{N}]+/u, '');
  for (let bare = plain.replace(opener, ''); bare !== plain; bare = plain.replace(opener, '')) plain = bare;
  const asked = plea.exec(plain)?.[0] ?? wish.exec(plain)?.[0] ?? '';
  if (asksToBeTold.test(plain.slice(asked.length))) return 'question';
  if (imperative.test(plain) || plea.test(plain)) return 'task';
  if (asked !== '') return 'wish';
  return interrogative.test(plain) || plain.endsWith('?') ? 'question' : 'problem';
}
