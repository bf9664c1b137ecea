import { expect, it } from 'vitest';
import { pageText } from './page-text.ts';

it('reads what a person reads, a line for each block', () => {
  const html = `<html><head><title>T</title><style>p{}</style></head><body>
    <h1>Refunds</h1><p>Within <b>30&nbsp;days</b> &amp; &lt;no&gt; later.</p>
    <script>steal()</script><ul><li>one</li><li onclick="x()">two</li></ul></body></html>`;
  expect(pageText(html, 'text/html; charset=utf-8')).toBe(
    'Refunds\n\nWithin 30 days & <no> later.\n\none\n\ntwo',
  );
});

it('leaves what is no HTML as it is', () => {
  expect(pageText('{"a": "<b>"}', 'application/json')).toBe('{"a": "<b>"}');
});
