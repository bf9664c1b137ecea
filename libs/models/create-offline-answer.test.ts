import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadPlaybook } from '#playbook/load-playbook';
import type { Answer } from './answer.ts';
import { createKnowledgeIndex } from './create-knowledge-index.ts';
import { createOfflineAnswer } from './create-offline-answer.ts';

let answer: Answer;

beforeAll(async () => {
  const dir = fileURLToPath(new URL('../../services/worker/playbook', import.meta.url));
  const playbook = await loadPlaybook(dir, { reviewers: ['@rev:example.org'] });
  answer = createOfflineAnswer({
    index: createKnowledgeIndex(playbook.passages),
    human: 'Write to a person.',
  });
});

async function ask(question: string): Promise<string> {
  return answer({ question, history: [], onDraft: () => undefined, signal: new AbortController().signal });
}

describe('createOfflineAnswer', () => {
  it('answers how to reset 2FA from the knowledge, in full, with the source named', async () => {
    const text = await ask('How do I reset my 2FA?');
    expect(text).toContain('you can reset 2FA yourself in three steps');
    expect(text).toContain('Use a recovery code');
    expect(text).toContain('Source: Two-factor authentication › Reset your 2FA');
  });

  it.each([
    ['Where are my invoices?', 'Billing and invoices › Find your invoices'],
    [
      'my invoice has the wrong VAT number',
      'Billing and invoices › Change the billing address or VAT number',
    ],
    ['can I get a refund', 'Refunds › Who gets a refund'],
    ['why is my pipeline not starting?', 'CI minutes and budgets › A pipeline does not start'],
    ['how do I raise the CI budget?', 'CI minutes and budgets › Raise the CI budget'],
    ['how many CI minutes do I have', 'CI minutes and budgets › How CI minutes are counted'],
    ['permission denied publickey', 'SSH keys and tokens › "Permission denied (publickey)"'],
    ['I leaked a token', 'SSH keys and tokens › A token or key has leaked'],
    ['how to delete a project', 'Deleting projects and keeping data › Delete a project'],
    ['restore deleted project', 'Deleting projects and keeping data › Restore a deleted project'],
    ['how long do you keep backups', 'Deleting projects and keeping data › How long data is kept'],
    ['invite a colleague', 'Roles in organisations › Invite a member'],
    ['how do I remove someone from the organisation', 'Roles in organisations › Remove a member'],
    ['copilot shows no sugestions', 'Editor assistant › The assistant shows no suggestions'],
    ['is my code used to train models', 'Editor assistant › What happens to your code'],
    ['i was banned, how can I appeal', 'Community rules › Appeal a decision'],
  ])('answers %j from %s', async (question, source) => {
    expect(await ask(question)).toContain(`Source: ${source}`);
  });

  it.each([
    "What's the weather in Paris?",
    'how do I bake bread',
    'who won the world cup',
    'wie geht es dir heute',
  ])('says that it does not know %j, what it knows, and how to reach a person', async (question) => {
    const text = await ask(question);
    expect(text).toMatch(/^I found no answer to that/);
    expect(text).not.toContain('Source:');
    expect(text).toMatch(/What I know (about|that comes nearest):\n\n- /);
    expect(text).toContain('Write to a person.');
  });

  it('lists its topics to a message without any words to search for', async () => {
    expect(await ask('help')).toMatch(/^Ask me about one of these:\n\n- Billing and invoices/);
  });

  it('survives a question of 60 KB', async () => {
    expect(await ask('invoice '.repeat(8_000))).toContain('Source: Billing and invoices');
  });
});
