import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cpuMs } from '../../../tests/support/cpu-ms.ts';
import type { Deeds } from './check-claims.ts';
import { checkDraft } from './check-draft.ts';

const policy = {
  links: ['forgebase.example'],
  forbidden: [{ text: 'guaranteed', why: 'We promise nothing.' }],
};
const deeds: Deeds = {
  tools: ['refund_invoice', 'reset_two_factor', 'delete_records', 'grant_budget_permission'],
  done: [],
  evidence: [],
  trusted: '',
};

function check(draft: string, overrides: Partial<Deeds> = {}) {
  const { text, problems } = checkDraft(draft, policy, { ...deeds, ...overrides });
  return { text, kinds: problems.map(({ kind }) => kind), why: problems.map(({ why }) => why).join('; ') };
}

describe('checkDraft', () => {
  it('leaves a good reply as it is', () => {
    const draft = `# Two factors

Open **Settings › Security**, see [the docs](https://docs.forgebase.example/2fa?x=1#y) or https://forgebase.example.

\`\`\`sh
git clone git@forgebase.example:org/repo.git  # a comment
ssh-keygen -C "<your name>"
\`\`\`

1. Your commit is 9fceb02d0ae598e95dc970b74767f19372d61af8. Emoji: 👩‍💻, Persian: می‌خواهم.
2. Once it has been refunded, you get a mail. Nothing was deleted. It can be reset in and/or after a day.`;
    expect(check(draft)).toEqual({ text: draft, kinds: [], why: '' });
  });

  it.each([
    ['an inline link', 'See [this](https://evil.example/?q=secret).', 'See this.'],
    ['a host that only ends alike', 'https://notforgebase.example/x', '(link removed)'],
    ['a host with a name before it', 'https://forgebase.example@evil.example/x', '(link removed)'],
    ['a bare link', 'Go to https://evil.example/a now', 'Go to (link removed) now'],
    ['a link without a scheme', 'Go to www.evil.example/a now', 'Go to (link removed) now'],
    ['a host with a path', 'Go to evil.example/a now', 'Go to (link removed) now'],
    ['a scheme-relative link', '[x](//evil.example/a)', 'x'],
    ['an autolink', '<https://evil.example/a>', '(link removed)'],
    ['a script', '[x](javascript:alert(1))', 'x)'],
    ['an address in disguise', '[x](https&#58;//evil.example)', 'x'],
    ['a definition', 'See [x][1].\n\n[1]: https://evil.example/a', 'See [x][1].'],
    [
      'a definition whose name hides it',
      'See [x][a\\]b].\n\n[a\\]b]: https:/evil.example',
      'See [x][a\\]b].\n\n[a\\]b]: (link removed)',
    ],
    ['a host that an escape hides', '[x](https://forgebase.example\\@evil.example/a)', 'x'],
    ['a host that an entity ends', '[x](https://evil.example&sol;.forgebase.example/)', 'x'],
    ['a mail with a copy', '[x](mailto:a@evil.example?cc=b@forgebase.example)', 'x'],
    ['a mail to several', '[x](mailto:a@evil.example,b@forgebase.example)', 'x'],
    ['HTML', 'See <a href="https://evil.example">x</a>.', 'See x.'],
    ['a zero-width joint', 'https://evil\u200b.example/a', '(link removed)'],
  ])('takes out %s that leads elsewhere', (_, draft, text) => {
    expect(check(draft)).toEqual({ text, kinds: ['link'], why: expect.stringMatching(/not allowed/) });
  });

  it('never repeats what a link would have carried out', () => {
    expect(check('[x](https://evil.example/?token=hunter2)').why).not.toContain('hunter2');
  });

  it.each([
    '[the docs](https://Docs.ForgeBase.example:443/a?b=1&amp;c=2#d)',
    '[mail](mailto:help+vat@forgebase.example)',
    'The array[0]: it is the first. [1]: https://forgebase.example/a',
  ])('leaves %j as it is', (draft) => {
    expect(check(draft)).toEqual({ text: draft, kinds: [], why: '' });
  });

  it('takes a link out that hides in brackets', () => {
    expect(check('[a [b]](https://evil.example/x)').text).not.toContain('evil');
    expect(check('[a\nb](data:text/html,x)').text).not.toContain('data:');
  });

  it.each([
    ['![x](https://forgebase.example/a.png)', 'x'],
    ['<img src="https://evil.example/a.png">Hi', 'Hi'],
    ['![x][1]', 'x'],
  ])('takes out the image %s', (draft, text) => {
    expect(check(draft)).toMatchObject({ text, kinds: ['image'] });
  });

  it.each([
    ['@room look', 'room look'],
    ['@\u200broom look', 'room look'],
    ['Ask @ann:example.org:8448', 'Ask ann'],
  ])('calls nobody: %j', (draft, text) => {
    expect(check(draft)).toMatchObject({ text, kinds: ['mention'] });
  });

  it('takes out a pill', () => {
    expect(check('[ann](https://matrix.to/#/@ann:example.org)')).toMatchObject({
      text: 'ann',
      kinds: ['mention'],
    });
  });

  it.each([
    'ghp_abcdefghijklmnopqrst0123456789',
    'AKIAIOSFODNN7EXAMPLE',
    '-----BEGIN PRIVATE KEY-----\nMIIabc\n-----END PRIVATE KEY-----',
    'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc',
    'password: hunter2hunter2',
    'q8ZkP3vT9xLw2Rb7Yc5Nd1Mf6Hs4Jg0A',
  ])('takes out what looks like a secret: %s', (secret) => {
    const { text, kinds } = check(`Here: ${secret} .`);
    expect(kinds).toEqual(['secret']);
    expect(text).toContain('(removed)');
  });

  it('keeps the placeholder of a key', () => {
    expect(check('Your token [API_KEY-0123456789abcdef] is known.').kinds).toEqual([]);
  });

  it.each([
    'It is GUARANTEED.',
    'It is **guar**anteed.',
    'It is guar\u00adanteed.',
    'It is ｇｕａｒａｎｔｅｅｄ.',
  ])('finds what is forbidden in %j', (draft) => {
    expect(check(draft)).toMatchObject({
      kinds: ['forbidden'],
      why: 'says "guaranteed": We promise nothing',
    });
  });

  it.each([
    'I have refunded 49 EUR.',
    'Your money was already paid back.',
    "We've reset your two-factor authentication.",
    'All records are deleted now.',
    'I confirm that I have refunded it.',
    'The permission has been **granted**.',
    'Good news: I gave her the permission.',
  ])('finds the claim of what nobody did: %s', (draft) => {
    expect(check(draft).kinds).toEqual(['claim']);
  });

  it('takes what could be done for nothing that was', () => {
    expect(
      check('I have refunded 49 EUR.', { evidence: ['Paid in May; it can be refunded.'] }).kinds,
    ).toEqual(['claim']);
  });

  it.each([
    ['a tool that did it', 'I have refunded 49 EUR.', { done: ['refund_invoice'] }],
    ['a tool that tells it', 'It was refunded in May.', { evidence: ['State: refunded'] }],
    [
      'what the playbook says',
      'A token that leaks was revoked.',
      { trusted: 'x. a token that leaks was revoked' },
    ],
    ['what something means', '"401" means that the token was deleted.', {}],
    ['a general rule', 'What was paid twice is refunded in full.', {}],
    ['a condition', 'When the records have been deleted, you get a mail.', {}],
    ['a negation', 'It has not been refunded.', {}],
    ['a proposal', 'A colleague has to agree before it is refunded.', {}],
  ])('takes no offence at %s', (_, draft, overrides) => {
    expect(check(draft, overrides).kinds).toEqual([]);
  });

  it('cuts what is far too long, and says so', () => {
    const { text, kinds } = check('word '.repeat(50_000));
    expect([text.length, kinds]).toEqual([100_001, ['length']]);
  });

  it('says so where nothing is left', () => {
    expect(check('\u200b\u0000').kinds).toEqual(['empty']);
  });

  it('lets no control character, direction mark or foreign link through, whatever it is given', () => {
    const piece = fc.constantFrom(
      '[',
      ']',
      '(',
      ')',
      '!',
      '<',
      '>',
      '//',
      'https:',
      'evil.example',
      '/x',
      '@room',
      'a',
      ' ',
      '\n',
      '\u202e',
      '\u200b',
      '"',
      '&#58;',
      '\\',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const { text } = check(pieces.join(''));
        expect(text).not.toMatch(/https?:\/\/evil|(?<!\w)@room\b|[\u202e\u200b]|<img|!\[[^\]]*\]\(h/i);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    '[',
    '![',
    '[a](',
    '<a ',
    'https://',
    '//',
    'x.',
    '@a',
    '-----BEGIN PRIVATE KEY-----',
    'i have ',
    'eyJ',
    'already ',
    ']:',
    ']: ',
  ])('takes a time that grows no faster than the draft: %s', (piece) => {
    const msOf = (length: number): number => {
      const draft = piece.repeat(Math.ceil(length / piece.length));
      const began = cpuMs();
      check(draft);
      return cpuMs() - began;
    };
    msOf(5_000);
    // Less than 0.1 s here; it would be half a minute if it grew with the square.
    expect(msOf(100_000)).toBeLessThan(5_000);
  });
});
