import type { Validator } from '../validator.ts';

const longest = 500;

/** Any words, as one line. */
export const textValidator: Validator = {
  name: 'text',
  description: `any words, at most ${longest} characters`,
  validate(written) {
    const value = written
      .slice(0, 20 * longest)
      .replaceAll(/[\s\u0085]+/g, ' ')
      .trim();
    if (value === '') return { ok: false, problem: 'I need a few words here, and found none.' };
    if (written.length > 20 * longest || value.length > longest) {
      return {
        ok: false,
        problem: `That is too long for me: please say it in at most ${longest} characters.`,
      };
    }
    if (/\p{Cc}/u.test(value) || !value.isWellFormed()) {
      return {
        ok: false,
        problem: 'There are characters in this that cannot be shown. Please write it as plain text.',
      };
    }
    return { ok: true, value };
  },
  // Any piece of a text is a text: only the question tells what is meant.
  find: () => [],
};
