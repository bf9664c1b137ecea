import type { Validator } from '../validator.ts';

const whole = /^[\p{L}\p{N}](?:[\p{L}\p{N}\p{M} ._/-]){0,99}$/u;

/** The name of a project, as it is written. */
export const projectValidator: Validator = {
  name: 'project',
  description: 'the name of a project, e.g. Apollo or acme/website',
  validate(written) {
    const text = written.length > 1_000 ? '' : written.replaceAll(/\s+/g, ' ').trim();
    const value = text
      .replace(/^["'“‘`](.*)["'”’`]$/u, '$1')
      .replace(/[.!?]$/, '')
      .trim();
    return whole.test(value)
      ? { ok: true, value }
      : {
          ok: false,
          problem:
            'That cannot be the name of a project: it has letters, digits, blanks and . _ / - in it, and at most 100 characters.',
        };
  },
  find: (text) => [...text.matchAll(/["“`]([^"“”`\n]{1,100})["”`]/gu)].map(([, name = '']) => name),
};
