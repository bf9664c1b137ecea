import { describe, expect, it } from 'vitest';
import type { Json } from '#contract/canonical-json';
import { fillTemplate } from './fill-template.ts';

const scope = {
  results: { look_up: { amount: 49, owners: ['ann', 'dana'], nothing: null } },
  entities: { invoice_id: ['INV-1042'], username: ['ann', 'bob'] },
  request: 'please refund it',
};

describe('fillTemplate', () => {
  it.each<[Json, Json]>([
    ['{look_up.amount}', 49],
    ['{look_up.owners.1}', 'dana'],
    ['{look_up.owners}', ['ann', 'dana']],
    ['{entities.invoice_id}', 'INV-1042'],
    ['{invoice_id}', 'INV-1042'],
    ['{invoice_id}: {look_up.amount} EUR', 'INV-1042: 49 EUR'],
    ['{request}', 'please refund it'],
    [{ a: ['{look_up.amount}', true, null] }, { a: [49, true, null] }],
    ['no template {} { x }', 'no template {} { x }'],
  ])('makes %j to %j', (template, value) => {
    expect(fillTemplate(template, scope)).toEqual({ ok: true, value });
  });

  it.each<[Json, string]>([
    ['{entities.username}', 'entities.username'],
    ['{look_up.missing}', 'look_up.missing'],
    ['{look_up.nothing}', 'look_up.nothing'],
    ['{look_up.constructor}', 'look_up.constructor'],
    ['{other.step}', 'other.step'],
    [{ a: ['x {organisation}'] }, 'organisation'],
  ])('says what is not known in %j', (template, name) => {
    expect(fillTemplate(template, scope)).toEqual({ ok: false, names: [name] });
  });
});
