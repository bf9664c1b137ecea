import { describe, expect, it } from 'vitest';
import { conversation, question } from '../../../tests/support/sample-conversation.ts';

const at = '2025-01-01T00:10:00.000Z';
const feedback = (solved: boolean, comment = '') =>
  ({ kind: 'feedback', id: `feedback:${solved}`, solved, comment, at }) as const;

describe('feedback that was given other than in words', () => {
  it('is thanked for where it solved the problem', async () => {
    const { say, take } = conversation({ commands: question });
    await say('is the sky known?');
    expect(await take(feedback(true))).toMatchObject({
      reply: 'Thank you, good to hear.',
      proposals: [],
      outcome: 'replied',
    });
  });

  it('opens the conversation again by a person where it did not, with what they said', async () => {
    const { say, take } = conversation({ commands: question });
    await say('is the sky known?');
    const output = await take(feedback(false, 'still dark here'));
    const [asked] = output.proposals;
    expect(asked?.actions[0]?.name).toBe('hand_off');
    expect(JSON.stringify(asked?.actions[0]?.args)).toContain('still dark here');
    expect(output.reply).toContain('I open it again');
  });
});
