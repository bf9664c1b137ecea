import { describe, expect, it } from 'vitest';
import type { Condition } from '#playbook/flow-spec';
import { conditionSchema } from './condition-schema.ts';
import { meetsCondition, namesInCondition, resolveCondition } from './meets-condition.ts';

const scope = { amount: 50, name: 'ann', other: 'ann', invoice: { paid: true, tags: ['a'] }, nothing: null };

describe('meetsCondition', () => {
  it.each<[Condition, boolean]>([
    [{ value: 'name', is: 'ann' }, true],
    [{ value: 'name', is: '{other}' }, true],
    [{ value: 'amount', is: '50' }, false],
    [{ value: 'invoice', is: { tags: ['a'], paid: true } }, true],
    [{ value: 'missing', is: null }, true],
    [{ value: 'name', isNot: 'bob' }, true],
    [{ value: 'missing', isNot: 'bob' }, true],
    [{ value: 'amount', above: 49.9 }, true],
    [{ value: 'amount', above: 50 }, false],
    [{ value: 'amount', below: 51 }, true],
    [{ value: 'name', below: 51 }, false],
    [{ value: 'missing', below: 51 }, false],
    [{ value: 'name', oneOf: ['bob', '{other}'] }, true],
    [{ value: 'name', oneOf: [] }, false],
    [{ value: 'invoice.paid', known: true }, true],
    [{ value: 'nothing', known: true }, false],
    [{ value: 'constructor', known: false }, true],
    [{ all: [] }, true],
    [{ any: [] }, false],
    [
      {
        all: [
          { value: 'amount', above: 1 },
          {
            any: [
              { value: 'name', is: 'x' },
              { value: 'name', is: 'ann' },
            ],
          },
        ],
      },
      true,
    ],
    [
      {
        all: [
          { value: 'amount', above: 1 },
          { value: 'name', is: 'x' },
        ],
      },
      false,
    ],
  ])('of %j is %j', (condition, holds) => {
    const resolved = resolveCondition(condition, scope);
    expect(meetsCondition(resolved, scope)).toBe(holds);
    expect(meetsCondition(conditionSchema.parse(JSON.parse(JSON.stringify(resolved))), scope)).toBe(holds);
  });

  it('takes what a person wrote literally, also when it looks like a template', () => {
    const condition = resolveCondition({ value: 'result.name', is: '{wanted}' }, { wanted: '{result.name}' });
    expect(meetsCondition(condition, { result: { name: 'anything' } })).toBe(false);
  });
});

describe('namesInCondition', () => {
  it('finds the first names of what is read and of what it is compared with', () => {
    const condition: Condition = {
      all: [{ value: 'a.b', is: '{c.d}' }, { any: [{ value: 'e', oneOf: ['{f}', 1] }] }],
    };
    expect(namesInCondition(condition)).toEqual(['a', 'c', 'e', 'f']);
  });
});
