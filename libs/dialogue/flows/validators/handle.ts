import type { Validator } from '../validator.ts';
import { findWords } from './find-words.ts';

const whole = /^[a-z0-9](?:[a-z0-9]|-(?=[a-z0-9])){0,38}$/i;
/** Words that stand where a name could, and are none. */
const ordinary = new Set(
  'a an the my our your his her its their it is was be to of for on in at by and or not no yes i we you he she they me us please name account user username organisation organization org team project called with from this that one'.split(
    ' ',
  ),
);

export interface Handle {
  /** Of the slot's type. */
  readonly name: string;
  /** What it is called to a person, with its article. */
  readonly title: string;
  readonly example: string;
}

/** A name of accounts or organisations: letters, digits and single hyphens inside, at most 39, as addresses have them. */
export function createHandleValidator({ name, title, example }: Handle): Validator {
  return {
    name,
    description: `${title}: letters, digits and hyphens, e.g. ${example}`,
    validate(written) {
      const text = written.trim().replace(/[.,;!?]$/, '');
      if (/^@[^\s:]*:\S+$/.test(text)) {
        return {
          ok: false,
          problem: `That is an address in Matrix. I need ${title}, for example ${example}.`,
        };
      }
      const value = text.replace(/^@/, '').toLowerCase();
      if (whole.test(value)) return { ok: true, value };
      const rule = 'it has letters, digits and single hyphens, at most 39 of them';
      return { ok: false, problem: `That cannot be ${title}: ${rule}, for example ${example}.` };
    },
    // A name looks like any word: only what could be no ordinary word is found without its question.
    find: (text) =>
      findWords(text).filter((word) => {
        const value = word.replace(/^@/, '').toLowerCase();
        return whole.test(value) && !ordinary.has(value) && (word.startsWith('@') || /[\d-]/.test(value));
      }),
  };
}
