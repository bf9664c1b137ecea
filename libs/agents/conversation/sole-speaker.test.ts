import { describe, expect, it } from 'vitest';
import type { Command } from '#dialogue/command';
import { conversation, ended, question, said, start } from '../../../tests/support/sample-conversation.ts';
import { drafted } from '../../../tests/support/sample-desk.ts';

const twoQuestions = (text: string): Command[] => [...question(text), ...question(text)];
const writes = async (_task: unknown, { onDraft }: { onDraft: (text: string) => void }) => {
  onDraft('A dra');
  return drafted('A draft');
};

describe('who speaks a reply', () => {
  it.each([
    ['an agent that answers alone', 'it broke'],
    ['the agent of a plain question', 'how do I pay?'],
  ])('is %s, in its drafts too', async (_, text) => {
    const { say, speakers } = conversation({ commands: question, work: writes });
    expect(await say(text)).toMatchObject({ agent: 'billing', outcome: 'replied' });
    expect([...speakers]).toEqual(['billing']);
  });

  it('is the bot where nobody in particular answers', async () => {
    const { say } = conversation();
    expect(await say('hello')).not.toHaveProperty('agent');
  });

  it('is the bot in a flow, and where a flow goes on behind the answer', async () => {
    let commands: (text: string) => Command[] = () => start('look');
    const { say, speakers } = conversation({ commands: (text) => commands(text), work: writes });
    expect(await say('look')).not.toHaveProperty('agent');
    commands = question;
    for (const text of ['how do I pay?', 'it broke']) {
      const output = await say(text);
      expect(output.reply).toBeDefined();
      expect(output).not.toHaveProperty('agent');
    }
    expect([...speakers]).toEqual([null]);
  });

  it('is the bot where a reply has several parts', async () => {
    const { say, speakers } = conversation({ commands: twoQuestions, work: writes });
    for (const text of ['how do I pay?', 'it broke']) {
      expect(await say(text)).not.toHaveProperty('agent');
    }
    expect(speakers).not.toContain('billing');
  });

  it('is the agent while its draft waits for a person, and when it goes out', async () => {
    const { say, take } = conversation({ commands: question, review: 'always' });
    const asked = await say('it broke');
    expect(asked).toMatchObject({ outcome: 'waiting', agent: 'billing' });
    const actions = asked.proposals.flatMap((proposal) => proposal.actions);
    expect(await take(ended(asked, 'done', { actions }))).toMatchObject({ agent: 'billing' });
  });

  it('is the bot where a person answers in its place, or takes over from the agent', async () => {
    const { say, take } = conversation({ commands: question, review: 'always' });
    const asked = await say('it broke');
    expect(await take(ended(asked, 'responded', { reason: 'Mine.' }))).not.toHaveProperty('agent');
    const stuck = conversation({
      commands: question,
      work: async () => ({ status: 'needs_person', agent: 'billing', steps: [], summary: 'Stuck.' }),
    });
    expect(await stuck.say('it broke')).not.toHaveProperty('agent');
  });
});

describe('an agent that a message is for', () => {
  const to = (text: string, toAgent: string) => ({ ...said(text), toAgent });
  const nobody = (text: string): Command[] => [
    { kind: 'digress', digression: 'question', text, topics: ['unknown'] },
  ];

  it('answers what nobody in particular is for', async () => {
    const { take, say } = conversation({ commands: nobody });
    expect(await take(to('paint my house', 'billing'))).toMatchObject({ agent: 'billing' });
    expect((await say('paint my house')).proposals).toMatchObject([{ actions: [{ name: 'hand_off' }] }]);
  });

  it('is nobody where there is no such agent', async () => {
    const { take } = conversation({ commands: nobody });
    const { proposals } = await take(to('paint my house', 'gone'));
    expect(proposals).toMatchObject([{ actions: [{ name: 'hand_off' }] }]);
  });
});
