import fc from 'fast-check';
import MarkdownIt from 'markdown-it';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '#contract/canonical-json';
import { describeAction, describeActions } from './describe-action.ts';

describe('describeAction', () => {
  it('shows name and arguments as code', () => {
    expect(describeAction({ name: 'wipe', args: { b: 1, a: 'x' } })).toBe('`wipe` with `{"a":"x","b":1}`');
  });

  it('joins several', () => {
    const one = { name: 'a', args: {} };
    expect(describeActions([one, one, one])).toBe('`a`, `a`, and `a`');
  });

  it('lets no argument out of its code span', () => {
    const markdown = new MarkdownIt();
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('`', 'a', '*', '<', ' ', '\\', '[') }), (value) => {
        const [inline] = markdown.parseInline(describeAction({ name: 'wipe', args: { value } }), {});
        const spans = (inline?.children ?? []).filter(({ type }) => type === 'code_inline');
        expect(spans.map(({ content }) => content)).toEqual(['wipe', canonicalJson({ value })]);
      }),
    );
  });
});
