import { describe, expect, it } from 'vitest';
import { fillJson, fillObject, fillPlain, fillText, namesIn } from './fill-template.ts';

const scope = {
  amount: 49.5,
  name: 'Ann *Smith*',
  lost: true,
  nothing: null,
  invoice: { state: 'paid', lines: [{ text: 'one' }, { text: 'two' }], tags: ['a', 'b'] },
};

describe('fillText', () => {
  it.each([
    ['Refund {amount}?', 'Refund 49.5?'],
    ['{name}', String.raw`Ann \*Smith\*`],
    ['{invoice.state} {invoice.lines.1.text}', 'paid two'],
    ['Tags: {invoice.tags}', 'Tags: a, b'],
    ['Lost: {lost}', 'Lost: yes'],
    ['[{missing}{nothing}{invoice.none.deep}{invoice.lines.9.text}]', '[]'],
    ['{constructor.name}{__proto__}{invoice.constructor}{name.length}{invoice.lines.length}', ''],
    ['{ amount } {} {1x} {{amount}}', '{ amount } {} {1x} {49.5}'],
  ])('fills %j', (template, text) => {
    expect(fillText(template, scope)).toBe(text);
  });

  it('never reads a value as a template', () => {
    expect(fillText('{a}', { a: '{b}', b: 'secret' })).toBe('{b}');
  });
});

describe('fillPlain', () => {
  it('keeps values as they are', () => {
    expect(fillPlain('Look at {name}: {invoice.lines}', scope)).toBe(
      'Look at Ann *Smith*: [{"text":"one"},{"text":"two"}]',
    );
  });
});

describe('fillJson', () => {
  it.each([
    ['{amount}', 49.5],
    ['{lost}', true],
    ['{nothing}', null],
    ['{invoice.tags}', ['a', 'b']],
    ['{amount} EUR', '49.5 EUR'],
    ['{amount}{lost}', '49.5yes'],
    ['{missing}', undefined],
    [7, 7],
    [
      ['{lost}', '{missing}', 'x'],
      [true, null, 'x'],
    ],
    [{ a: { b: '{amount}' }, gone: '{missing}' }, { a: { b: 49.5 } }],
  ])('fills %j', (template, json) => {
    expect(fillJson(template, scope)).toEqual(json);
  });

  it('leaves out what is missing, so that a tool sees no empty argument', () => {
    expect(fillObject({ a: '{missing}', b: '' }, scope)).toEqual({ b: '' });
  });

  it('keeps a member called __proto__ a member', () => {
    const template = JSON.parse('{"__proto__": "{amount}"}');
    const filled = fillObject(template, scope);
    expect(Object.getPrototypeOf(filled)).toBe(Object.prototype);
    expect(JSON.stringify(filled)).toBe('{"__proto__":49.5}');
  });
});

describe('namesIn', () => {
  it('finds the first names of all placeholders', () => {
    expect(namesIn({ a: '{x.y} and {z}', b: ['{w}', 3, { c: '{x}' }], d: null })).toEqual([
      'x',
      'z',
      'w',
      'x',
    ]);
  });
});
