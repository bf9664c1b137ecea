import { describe, expect, it } from 'vitest';
import type { PlaybookProblem } from '../errors.ts';
import { sampleProblems, sampleWith } from '../sample-files.ts';

type Changes = Record<string, string | null>;

const refund = (part: string, replacement: string): Changes =>
  sampleWith('flows/refund.yaml', part, replacement);

describe('checks of names in a flow', () => {
  it.each<[string, Changes, Partial<PlaybookProblem>]>([
    [
      'a slot that is not there, in a template',
      refund('There is no {invoice_id}', 'There is no {invoice}{nvoice_id}'),
      {
        line: 26,
        column: 17,
        message: 'there is no slot or result "nvoice_id"',
        hint: 'Did you mean "invoice_id"?',
      },
    ],
    [
      'a result that is not there, in a condition',
      refund('value: invoice.state', 'value: bill.state'),
      { line: 13, message: 'there is no slot or result "bill"' },
    ],
    [
      'another result than that of the check, in a check',
      refund('value: result.state', 'value: invoice.state'),
      { line: 23, message: '"invoice" is not known in a check' },
    ],
    [
      'a placeholder with blanks',
      refund('There is no {invoice_id}', 'There is no { invoice_id }'),
      { line: 26, hint: 'Write {invoice_id}' },
    ],
    [
      'a slot that is not there, in an example',
      refund('refund {invoice_id}', 'refund {amount}'),
      { line: 2, message: 'there is no slot "amount"' },
    ],
    [
      'a step that is not there, in next',
      refund('next: end }', 'next: ende }'),
      { line: 25, message: 'there is no step "ende"' },
    ],
    [
      'a step that is not there, on failure',
      refund('on_failure: gone', 'on_failure: gon'),
      { line: 11, column: 5, message: 'there is no step "gon"', hint: 'Did you mean "gone"?' },
    ],
    [
      'a step that is not there, otherwise',
      refund('otherwise: gone', 'otherwise: shure'),
      { line: 14, hint: 'Did you mean "sure"?' },
    ],
    [
      'an end where only next can end',
      refund('otherwise: gone', 'otherwise: end'),
      { line: 14, message: 'only next can end a flow' },
    ],
    [
      'a tool that is not there',
      refund('action: find_invoice', 'action: find_invoices'),
      { line: 8, column: 5 },
    ],
    [
      'a type that is not there',
      refund('type: text', 'type: txt'),
      { line: 4, message: 'there is no type "txt"' },
    ],
    [
      'a flow that is not there',
      refund('link: feedback', 'link: fedback'),
      { hint: 'Did you mean "feedback"?' },
    ],
    [
      'an agent that is not there',
      sampleWith('flows/feedback.yaml', 'agent: billing', 'agent: bill'),
      { line: 8, message: 'there is no agent "bill"' },
    ],
    [
      'an argument that a tool does not have',
      refund('with: { invoice_id:', 'with: { id: 1, invoice_id:'),
      { line: 9, column: 13, message: '"find_invoice" has no argument "id"' },
    ],
    [
      'an argument that a tool needs',
      refund('    with: { invoice_id: "{invoice_id}" }\n    save', '    save'),
      { message: '"find_invoice" needs the argument "invoice_id"' },
    ],
    [
      'a check that somebody would have to approve',
      refund('after: 10m\n      action: find_invoice', 'after: 10m\n      action: refund_invoice'),
      { line: 21, message: expect.stringContaining('nobody approves a check') },
    ],
    [
      'a second step of one name',
      refund('id: gone', 'id: sure'),
      { line: 26, message: 'a second step "sure"' },
    ],
    ['a step called end', refund('id: gone', 'id: end'), { line: 26, message: '"end" ends a flow' }],
    [
      'a result that is saved as a slot',
      refund('save: invoice', 'save: invoice_id'),
      { line: 10, message: '"invoice_id" is a slot already' },
    ],
  ])('tells place and remedy of %s', (_, changes, problem) => {
    const problems = sampleProblems(changes);
    expect(problems).toContainEqual(expect.objectContaining(problem));
    expect(problems.every(({ hint }) => hint !== '')).toBe(true);
  });
});
