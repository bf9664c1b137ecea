import { nearestWord } from '../cli/nearest-word.ts';

/** What a line that was typed means. */
export type Input =
  | { readonly kind: 'say'; readonly text: string }
  /** `text` is what a reviewer's Matrix client would send; `code` names the approval, where it was named. */
  | { readonly kind: 'decide'; readonly text: string; readonly code: string | undefined }
  | { readonly kind: 'switch'; readonly to: 'you' | 'reviewer' }
  | { readonly kind: 'help' }
  | { readonly kind: 'quit' }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'mistake'; readonly text: string };

const words = ['approve', 'reject', 'edit', 'respond', 'reviewer', 'you', 'help', 'quit'];

/** @param codes of the approvals that wait: only these are taken for one. */
export function parseInput(line: string, codes: readonly string[]): Input {
  const text = line.trim();
  if (text === '') return { kind: 'nothing' };
  if (!text.startsWith('/')) return { kind: 'say', text };
  // As in other clients, two slashes say something that begins with one.
  if (text.startsWith('//')) return { kind: 'say', text: text.slice(1) };
  const [, word = '', rest = ''] = /^\/(\S*)\s*([\s\S]*)$/.exec(text) ?? [];
  switch (word) {
    case 'you':
    case 'reviewer':
      return { kind: 'switch', to: word };
    case 'help':
      return { kind: 'help' };
    case 'quit':
    case 'exit':
    case 'q':
      return { kind: 'quit' };
    case 'approve':
    case 'reject':
    case 'edit':
    case 'respond':
      return parseDecision(word, rest, codes);
    default: {
      const meant = nearestWord(word, words);
      return {
        kind: 'mistake',
        text: `There is no /${word}. ${meant === undefined ? 'See /help' : `Did you mean /${meant}?`}`,
      };
    }
  }
}

function parseDecision(
  word: 'approve' | 'reject' | 'edit' | 'respond',
  all: string,
  codes: readonly string[],
): Input {
  const [, first = '', behind = ''] = /^(\S+)\s*([\s\S]*)$/.exec(all) ?? [];
  const code = codes.find((known) => known === first.toUpperCase());
  const rest = code === undefined ? all : behind;
  const decide = (text: string): Input => ({ kind: 'decide', text, code });
  const mistake = (text: string): Input => ({ kind: 'mistake', text });
  switch (word) {
    case 'approve':
      return rest === ''
        ? decide('approve')
        : mistake(`No approval waits under ${rest}. Nothing was decided`);
    case 'reject': {
      const reason = rest.replace(/^because\s+/i, '');
      return decide(reason === '' ? 'reject' : `reject because ${reason}`);
    }
    case 'edit':
      if (rest === '') return mistake('With which arguments? E.g. /edit {"project": "Apollo"}');
      return isJsonOrText(rest)
        ? decide(`edit ${rest}`)
        : mistake('That JSON cannot be read. Nothing was decided');
    case 'respond':
      return rest === ''
        ? mistake('With which answer? E.g. /respond ask the owner first')
        : decide(`respond ${rest}`);
    default:
      return word satisfies never;
  }
}

function isJsonOrText(text: string): boolean {
  if (!/^[[{]/.test(text)) return true;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
