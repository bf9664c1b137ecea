import type { Validator } from '../validator.ts';

const whole = /^(?:\[API_KEY-([0-9a-f]{16})\]|([0-9a-f]{16}))$/i;
const inText = /\[API_KEY-[0-9a-f]{16}\]|(?<![0-9A-Za-z_-])[0-9a-f]{16}(?![0-9A-Za-z_-])/gi;
/** Long, without blanks, with digits in it: far more likely a secret than a word. */
const likelyToken = /^(?=.{0,2000}\d)[\w.~+/=-]{20,}$/;

/** The fingerprint that took the place of a token before anybody read it: `[API_KEY-0123456789abcdef]`. */
export const fingerprintValidator: Validator = {
  name: 'fingerprint',
  description: 'the fingerprint of a token, e.g. [API_KEY-0123456789abcdef]',
  validate(written) {
    const text = written.trim().replace(/[.,;!?]$/, '');
    const parts = text.length > 100 ? null : whole.exec(text);
    const value = (parts?.[1] ?? parts?.[2])?.toLowerCase();
    if (value !== undefined) return { ok: true, value };
    return {
      ok: false,
      problem: likelyToken.test(text.slice(0, 2_000))
        ? 'Tokens are never taken in clear, and I did not keep this one. Give me its fingerprint, 16 characters of 0-9 and a-f, from your list of tokens.'
        : 'I need the token that leaked: its fingerprint, 16 characters of 0-9 and a-f, or the token as the server replaced it.',
    };
  },
  find: (text) => text.match(inText) ?? [],
};
