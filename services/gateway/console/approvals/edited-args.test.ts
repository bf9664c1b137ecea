import { describe, expect, it } from 'vitest';
import { argsOf, fieldsOf, parseArgs, parseField } from './edited-args.ts';

describe('arguments in a form', () => {
  it('keep their types, whatever they look like', () => {
    const args = { amount: 49, code: '49', isPartial: false, note: null, tags: ['a', 1], text: 'true' };
    expect(argsOf(fieldsOf(args))).toEqual({ ok: true, value: args });
  });

  it('are read in the type that they had', () => {
    expect(parseField({ kind: 'number', value: '12.5' })).toEqual({ ok: true, value: 12.5 });
    expect(parseField({ kind: 'text', value: '12.5' })).toEqual({ ok: true, value: '12.5' });
    expect(parseField({ kind: 'boolean', value: 'true' })).toEqual({ ok: true, value: true });
  });

  it.each(['', ' ', 'many', '1e999', '12,5'])('refuse %j as a number', (value) => {
    const problem = parseField({ kind: 'number', value });
    expect(problem).toMatchObject({ ok: false, problem: expect.stringContaining('number') });
  });

  it('say which field cannot be read', () => {
    const fields = fieldsOf({ amount: 1, tags: [] }).map((field) => ({ ...field, value: 'x' }));
    expect(argsOf(fields)).toMatchObject({ ok: false, problem: expect.stringMatching(/^amount: /) });
  });
});

describe('arguments as JSON', () => {
  it('say where they are no JSON', () => {
    const parsed = parseArgs('{\n  "project": Apollo\n}');
    expect(parsed).toMatchObject({ ok: false, problem: expect.stringContaining('no JSON') });
  });

  it.each(['[]', '"text"', '3', 'null'])('have to be an object, which %s is not', (json) => {
    expect(parseArgs(json)).toMatchObject({ ok: false, problem: expect.stringContaining('object') });
  });

  it('are taken as they are', () => {
    expect(parseArgs('{"a":{"b":[1,null]}}')).toEqual({ ok: true, value: { a: { b: [1, null] } } });
  });
});
