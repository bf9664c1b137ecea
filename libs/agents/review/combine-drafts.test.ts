import { describe, expect, it } from 'vitest';
import { combineDrafts } from './combine-drafts.ts';

describe('combineDrafts', () => {
  it('leaves a single draft as it is', () => {
    expect(combineDrafts([{ agent: 'billing', draft: ' One.\n\nTwo. ' }])).toBe('One.\n\nTwo.');
    expect(combineDrafts([])).toBe('');
  });

  it('drops what leads to nothing any more', () => {
    const needs = 'To go on I need something from you:\n\n- Which organisation is it?';
    const drafted = [
      { agent: 'ci_workers', draft: `Pipelines.\n\n${needs}` },
      { agent: 'enterprise', draft: `Budgets.\n\n${needs}\n\nMore about it: Delegate the budget` },
    ];
    expect(combineDrafts(drafted)).toBe(
      `**CI workers**\n\nPipelines.\n\n${needs}\n\n**Enterprise**\n\nBudgets.\n\nMore about it: Delegate the budget`,
    );
  });

  it('puts several under headings, in their order, and says the same once', () => {
    const drafted = [
      {
        agent: 'ci_workers',
        draft: '**Please note:** X.\n\nI am sorry.\n\nThis is what I found:\n\n- A\n\nWrite to us.',
      },
      {
        agent: 'account_security',
        draft: '**Please note:** X.\n\nI am sorry.\n\nThis is what I found:\n\n- B\n\nWrite to us.',
      },
    ];
    expect(combineDrafts(drafted)).toBe(
      [
        '**Please note:** X.',
        'I am sorry.',
        '**CI workers**',
        'This is what I found:',
        '- A',
        'Write to us.',
        '**Account security**',
        'This is what I found:',
        '- B',
      ].join('\n\n'),
    );
  });

  it('keeps a block of code whole', () => {
    const code = '```\na\n\nb\n```';
    const text = combineDrafts([
      { agent: 'a', draft: code },
      { agent: 'b', draft: `${code}\n\nb` },
    ]);
    expect(text.split('```')).toHaveLength(3);
    expect(text).toContain('\n\nb');
  });
});
