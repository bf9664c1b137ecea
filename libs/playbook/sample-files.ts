import type { PlaybookProblem } from './errors.ts';
import { examinePlaybook } from './examine-playbook.ts';
import type { KnownNames, LoadOptions } from './load-options.ts';
import { isTest, type PlaybookFiles } from './playbook-files.ts';

/** A small playbook in which everything is used once, for tests. */
const texts: Readonly<Record<string, string>> = {
  'playbook.yaml': 'name: Desk\npersona: You are a desk.\ngreeting: Hello.\nhuman: Write to us.\n',
  'agents/billing.yaml':
    'description: Money.\nexamples: [where is my invoice]\nkeywords: [invoice, 429]\ntools: [find_invoice]\nflag: fast\n',
  'flows/refund.yaml': `description: Gives money back.
examples: ["refund {invoice_id}"]
slots:
  invoice_id: { type: text, description: Its number., ask: Which invoice?, examples: ["{invoice_id}"] }
steps:
  - collect: [invoice_id]
  - id: look_up
    action: find_invoice
    with: { invoice_id: "{invoice_id}" }
    save: invoice
    on_failure: gone
  - branch:
      - { when: { value: invoice.state, one_of: [paid, open] }, goto: sure }
    otherwise: gone
  - id: sure
    confirm: "Refund {invoice.amount}?"
  - approval: refund_invoice
    with: { invoice_id: "{invoice_id}" }
  - check:
      after: 10m
      action: find_invoice
      with: { invoice_id: "{invoice_id}" }
      expect: { all: [{ value: result.state, is_not: "{invoice.state}" }, { value: result.amount, above: 0 }] }
      failed: "{invoice_id} is not refunded."
  - { link: feedback, next: end }
  - { id: gone, say: "There is no {invoice_id}.", next: end }
`,
  'flows/feedback.yaml': `description: Asks.
offered: false
slots:
  solved: { type: boolean, description: Whether., ask: Is it solved? }
steps:
  - collect: [solved]
  - set: { answer: "{solved}" }
  - link: { agent: billing, request: "solved: {answer}" }
`,
  'sops/refunds.md': `---
title: Refunds
topics: [billing]
steps:
  - { id: look, does: Look it up., tool: find_invoice, with: { invoice_id: "{entities.invoice_id}" }, verify: found }
  - { id: tell, does: Tell., after: [look] }
---
# Refunds

Be kind.
`,
  'knowledge/money.md': '# Money\n\nKeywords: euro, cent\n\n## Invoices\n\nThey come by mail.\n',
  'policies.yaml': 'tools:\n  refund_invoice: { risk: high, expiresIn: 8h, reminders: [30m] }\n',
  'flags.json': '{"flags":{"fast":{"state":"ENABLED","variants":{"on":true},"defaultVariant":"on"}}}\n',
  'understanding/talk.yaml': 'affirm: ["yes"]\n',
  'understanding/analysis.yaml': 'risks: { none: [hello] }\n',
  'understanding/prompt.yaml':
    'instructions: Mind money.\nexamples:\n  - { text: refund it, expect: { command: start_flow, flow: refund } }\n',
};

export const sampleCode: KnownNames = {
  tools: new Map([
    ['find_invoice', 'low'],
    ['refund_invoice', 'medium'],
  ]),
  validators: new Set(['text', 'boolean']),
  verifiers: new Set(['found']),
  schemas: new Map([
    [
      'find_invoice',
      { properties: { invoice_id: {} }, required: ['invoice_id'], additionalProperties: false },
    ],
  ]),
};

/** The sample with some files changed or added; null removes one. */
export function sampleFiles(changes: Readonly<Record<string, string | null>> = {}): PlaybookFiles {
  const all = Object.entries({ ...texts, ...changes }).filter(
    (entry): entry is [string, string] => entry[1] !== null,
  );
  return {
    dir: 'sample',
    texts: Object.fromEntries(all.filter(([file]) => !isTest(file))),
    tests: Object.fromEntries(all.filter(([file]) => isTest(file))),
    problems: [],
  };
}

/** The sample's text of one file with the first occurrence of a part replaced. */
export function sampleWith(file: string, part: string, replacement: string): Record<string, string> {
  const text = texts[file];
  if (text === undefined || !text.includes(part)) throw new Error(`${file} has no ${part}`);
  return { [file]: text.replace(part, () => replacement) };
}

export const sampleOptions: LoadOptions = {
  reviewers: ['@ann:example.org', '@bob:example.org'],
  code: sampleCode,
};

/** What is wrong in the changed sample. */
export function sampleProblems(
  changes: Readonly<Record<string, string | null>>,
  options: LoadOptions = sampleOptions,
): readonly PlaybookProblem[] {
  return examinePlaybook(sampleFiles(changes), options).problems;
}
