import type { Validator } from '../validator.ts';
import { findWords } from './find-words.ts';

const standIn = /^\[EMAIL-[0-9A-Za-z]{4,40}\]$/;
const address = /^[^\s@<>()[\],;:"\\]{1,64}@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,62})\.){1,10}\p{L}{2,24}$/u;

/** An e-mail address, or the stand-in that took its place before it was stored. */
export const emailValidator: Validator = {
  name: 'email',
  description: 'an e-mail address, e.g. ann@example.org or [EMAIL-7F3K2Q9D]',
  validate(written) {
    const value = written.trim().replace(/^<(.*)>$/, '$1');
    return value.length <= 254 && isEmail(value)
      ? { ok: true, value }
      : { ok: false, problem: 'That is not an e-mail address: it looks like ann@example.org.' };
  },
  find: (text) =>
    findWords(text.replaceAll(/[\][]/g, (sign) => (sign === '[' ? ' [' : '] '))).filter(isEmail),
};

const isEmail = (text: string): boolean => standIn.test(text) || address.test(text);
