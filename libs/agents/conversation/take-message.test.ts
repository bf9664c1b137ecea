import { describe, expect, it } from 'vitest';
import { conversation, ended, question } from '../../../tests/support/sample-conversation.ts';

describe('a budget that is used up', () => {
  it('is raised by a reviewer, and the message is handled then', async () => {
    const { say, take, desk } = conversation({ commands: question, tokensPerDay: 100 });
    await say('is one known?');
    await say('is two known?');
    const asked = await say('is three known?');
    expect(asked.proposals).toMatchObject([
      {
        actions: [{ name: 'raise_budget', args: { scope: 'user', who: '@ann:example.org', what: 'tokens' } }],
      },
    ]);
    expect((await say('is four known?')).reply).toContain('asked to raise it already');
    await desk.budgets.raise({ scope: 'user', who: '@ann:example.org', what: 'tokens' }, 'decision');
    expect((await take(ended(asked, 'done'))).reply).toBe('The answer to is three known?');
  });
});

describe('trouble that several people of one organisation have', () => {
  it('is told to the admin room once', async () => {
    const { say, desk } = conversation({ commands: question, analysis: { urgency: 'critical' } });
    const ben = { user: '@ben:example.org', organisation: 'example.org' };
    await desk.memory.report(ben, 'billing', '$other');
    const [notice] = (await say('it is down')).notices;
    expect(notice).toMatchObject({
      approval: null,
      text: expect.stringContaining('2 people of example.org'),
    });
    expect((await say('it is still down')).notices).toEqual([]);
  });
});
