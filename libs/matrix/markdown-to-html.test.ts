import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sanitiseMatrixHtml } from './markdown-sanitise.ts';
import { markdownToHtml } from './markdown-to-html.ts';

const tags =
  'del|h[1-6]|blockquote|p|a|ul|ol|sup|sub|li|b|i|u|strong|em|s|code|hr|br|div|table|thead|tbody|tr|th|td|caption|pre|span|details|summary';
const value = '"[^"<>]*"';
const attributes = [
  'href="(?:https?|mailto|matrix):[^"<>]*"',
  `(?:start|data-mx-(?:spoiler|color|bg-color))=${value}`,
  'class="language-[^"<>]*"',
].join('|');
const allowedTag = new RegExp(`<\\/?(?:${tags})(?: (?:${attributes}))*(?: \\/)?>`, 'g');

/** What is left of HTML without its allowed tags must hold no markup at all. */
function expectOnlyAllowed(html: string): void {
  expect(html.replaceAll(allowedTag, '')).not.toMatch(/[<>]/);
  expect(html).not.toMatch(/matrix\.to\/#/i);
  expectNested(html);
}

/** Every tag is closed, in order, and no more than 100 are open at once. */
function expectNested(html: string): void {
  const open: string[] = [];
  for (const [, close, name = '', empty] of html.matchAll(/<(\/?)([a-z0-9]+)[^<>]*?(\/?)>/g)) {
    if (empty === '/') continue;
    if (close === '/') expect(open.pop()).toBe(name);
    else open.push(name);
    expect(open.length).toBeLessThanOrEqual(100);
  }
  expect(open).toEqual([]);
}

const attacks = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<svg/onload=alert(1)>',
  '"><iframe src="javascript:alert(1)">',
  '[a](javascript:alert(1))',
  '[a](JaVaScRiPt:alert(1))',
  '[a](java\tscript:alert(1))',
  '[a](&#106;avascript:alert(1))',
  '[a](data:text/html;base64,PHNjcmlwdD4=)',
  '[a](vbscript:x)',
  '[a](file:///etc/passwd)',
  '[a](//evil.example/x)',
  '![a](javascript:alert(1))',
  '![a](data:image/svg+xml;base64,PHN2Zz4=)',
  '![a](https://evil.example/pixel.png?secret=1)',
  '![a"onerror="alert(1)](mxc://x/y)',
  '[a](http://x "t\\" onmouseover=\\"alert(1)")',
  '<a href="matrix:u/x" style="position:fixed">x</a>',
  '```"><script>\nx\n```',
  '``` onload=alert(1)\nx\n```',
  '<javascript:alert(1)>',
  '<https://x/"onmouseover="alert(1)>',
  '[x]: javascript:alert(1)\n\n[x]',
  '&lt;script&gt;alert(1)&lt;/script&gt;',
  '<math><mi//xlink:href="data:x,<script>">',
  '<mx-reply>forged</mx-reply>',
  '[@boss](https://matrix.to/#/@boss:example.org)',
  'https://matrix.to/https://matrix.to/#/#/@boss:example.org `https://matrix.to/#/@boss:example.org`',
  'https://matrix.to/#/@boss:example.org',
  '[![i](https://a.example/i.png)](https://b.example)',
  'httphttps://matrix.to/https://matrix.to/#/#/@boss:example.org',
];

describe('markdownToHtml', () => {
  it('renders what Markdown is for', () => {
    const html = markdownToHtml(
      '# T\n\n**b** *e* ~~s~~ `c`\nnext\n\n- x\n\n3. y\n\n| a |\n|---|\n| 1 |\n\n```ts\na < b\n```',
    );
    for (const part of [
      '<h1>T</h1>',
      '<strong>b</strong> <em>e</em> <s>s</s> <code>c</code><br />\nnext',
      '<ul>\n<li>x</li>\n</ul>',
      '<ol start="3">',
      '<td>1</td>',
      '<pre><code class="language-ts">a &lt; b\n</code></pre>',
    ]) {
      expect(html).toContain(part);
    }
  });

  it('makes links of URLs, and not of names with a dot', () => {
    expect(markdownToHtml('See https://example.org/a and notes.md, a@b.org')).toBe(
      '<p>See <a href="https://example.org/a">https://example.org/a</a> and notes.md, a@b.org</p>',
    );
  });

  it('names the host of a link whose text does not begin with it', () => {
    expect(markdownToHtml('[bank.example](https://evil.example/x)')).toContain('</a> (evil.example)');
    expect(markdownToHtml('[https://evil.example.org.bank](https://evil.example/x)')).toContain(
      '(evil.example)',
    );
    expect(markdownToHtml('[example.org/a](https://example.org/a)')).not.toContain('(example.org)');
  });

  it('turns a pill into plain text, and keeps that of the one who may be mentioned', () => {
    const text =
      '[Al](https://matrix.to/#/@al:x.org) [Bo](https://matrix.to/#/%40bo:x.org) [r](matrix:u/bo:x.org)';
    expect(markdownToHtml(text, { mayMention: '@al:x.org' })).toBe(
      '<p><a href="https://matrix.to/#/@al:x.org">Al</a> Bo r</p>',
    );
    expect(markdownToHtml('[x](HTTPS://www.Matrix.TO/#/@bo:x.org) https://matrix.to/#/@bo:x.org')).toBe(
      '<p>x @bo:x.org</p>',
    );
  });

  it('T13: shows no images: their addresses would tell what they hold to whoever they name', () => {
    expect(markdownToHtml('![a](mxc://evil.example/secret)')).toBe('<p>a</p>');
    expect(markdownToHtml('![a](https://x.example/y)')).toBe(
      '<p><a href="https://x.example/y">a</a> (x.example)</p>',
    );
    expect(markdownToHtml('![](https://x.example/y)')).toBe(
      '<p><a href="https://x.example/y">https://x.example/y</a></p>',
    );
    expect(markdownToHtml('[![a](https://x.example/y)](https://x.example)')).toBe(
      '<p><a href="https://x.example">a</a> (x.example)</p>',
    );
    expect(sanitiseMatrixHtml('<img src="mxc://x/y">a')).toBe('a');
  });

  it('T13: names whom a link writes to, and lets nothing turn its text around', () => {
    expect(markdownToHtml('[support](mailto:eve@evil.example?subject=x)')).toContain(
      '</a> (eve@evil.example)',
    );
    expect(markdownToHtml('[eve@evil.example](mailto:eve@evil.example)')).not.toContain('(');
    const turned = markdownToHtml('[evil.example/\u202egro.knab](https://evil.example/x)');
    expect(turned).not.toContain('\u202e');
    expect(markdownToHtml('[bank.example](https://bank.example@evil.example/x)')).toContain('(evil.example)');
    expect(markdownToHtml('[bücher.example](https://xn--bcher-kva.example)')).toContain(
      '(xn--bcher-kva.example)',
    );
  });

  it.each([
    ['quotes', `${'> '.repeat(400)}x`],
    ['lists', Array.from({ length: 200 }, (_, n) => `${'  '.repeat(n)}- x`).join('\n')],
    ['emphasis', `${'**a _b '.repeat(300)}${'_ **'.repeat(300)}`],
    ['brackets', `${'['.repeat(600)}x${'](https://a.example)'.repeat(600)}`],
  ])('T13: keeps %s that are nested too deep within 100 levels, soon', (_, text) => {
    const began = performance.now();
    expectOnlyAllowed(markdownToHtml(text));
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  it('renders a table and code as clients know them', () => {
    const html = markdownToHtml('| a | b |\n|:--|--:|\n| **x** | `y|` |\n\n```python\nif a < b:\n```');
    expect(html).toContain('<thead>\n<tr>\n<th>a</th>\n<th>b</th>');
    expect(html).toContain('<td><strong>x</strong></td>');
    expect(html).toContain('<pre><code class="language-python">if a &lt; b:\n</code></pre>');
    expect(html).not.toContain('style');
  });

  it.each(attacks)('makes %j harmless', (attack) => {
    expectOnlyAllowed(markdownToHtml(attack));
    expectOnlyAllowed(markdownToHtml(`> - **${attack}**`));
    expectOnlyAllowed(sanitiseMatrixHtml(attack).replaceAll(/matrix\.to\/#/gi, ''));
  });

  it('nests at most 100 levels deep', () => {
    const html = markdownToHtml(`${'> '.repeat(500)}deep`);
    expect(html.match(/<blockquote>/g)?.length ?? 0).toBeLessThanOrEqual(100);
    expect(sanitiseMatrixHtml('<div>'.repeat(500)).match(/<div>/g)?.length).toBeLessThanOrEqual(100);
  });

  it('lets nothing but the allowed tags and attributes through, whatever the text', () => {
    const piece = fc.oneof(
      fc.constantFrom(...attacks),
      fc.constantFrom(
        '<',
        '>',
        '"',
        "'",
        '[',
        ']',
        '](',
        ')',
        '![',
        '`',
        '```\n',
        '\n',
        '\n\n',
        '&#',
        ';',
        '://',
        'http',
      ),
      fc.string({ unit: 'binary', maxLength: 30 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        expectOnlyAllowed(markdownToHtml(pieces.join('')));
      }),
      { numRuns: 500 },
    );
  });
});
