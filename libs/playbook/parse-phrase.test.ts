import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePhrase } from './parse-phrase.ts';

describe('parsePhrase', () => {
  it('splits words and slots', () => {
    expect(parsePhrase('Delete  project {project} now')).toEqual({
      ok: true,
      phrases: [
        [
          { kind: 'text', text: 'delete project ' },
          { kind: 'slot', name: 'project' },
          { kind: 'text', text: ' now' },
        ],
      ],
    });
  });

  it('gives a phrase with and one without each optional part', () => {
    const parsed = parsePhrase('cancel [that] [please]');
    const texts = parsed.ok
      ? parsed.phrases.map((parts) => parts.map((part) => part.kind === 'text' && part.text))
      : [];
    expect(texts).toEqual([['cancel that please'], ['cancel that'], ['cancel please'], ['cancel']]);
  });

  it.each([
    ['{project}', 'has no words'],
    ['delete {a} {b}', 'has two slots side by side'],
    ['move {a} to {a}', 'names a slot twice'],
    ['delete {Project Name}', 'has a slot named'],
    ['delete {project', 'has an unpaired bracket'],
    ['delete [all', 'has an unpaired bracket'],
    ['[a] [b] [c] [d] [e] [f] g', 'has 6 optional parts'],
  ])('refuses %s', (source, message) => {
    expect(parsePhrase(source)).toMatchObject({ ok: false, message: expect.stringContaining(message) });
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (source) => {
        expect(typeof parsePhrase(source).ok).toBe('boolean');
      }),
    );
  });
});
