import { describe, expect, it } from 'vitest';
import type { Command } from '#dialogue/command';
import { conversation, ended, question, start } from '../../../tests/support/sample-conversation.ts';
import { drafted } from '../../../tests/support/sample-desk.ts';

const commands = (text: string): Command[] => {
  if (text === 'cancel') return [{ kind: 'cancel' }];
  if (text === 'person') return [{ kind: 'hand_off' }];
  return text === 'wipe' ? start('wipe', { project: 'Apollo' }) : question(text);
};
const unread = 'A draft that nobody has read.';

describe('what waits for a reviewer', () => {
  it('is withdrawn without a word of what the desk asked, and with the own request as it is', async () => {
    const { say } = conversation({ commands, review: 'always', work: async () => drafted(unread) });
    const asked = [await say('it broke'), await say('person'), await say('wipe')];
    const cancelled = await say('cancel');
    expect(cancelled.reply).toBe(
      'Cancelled: an answer to you, your request for a colleague, and `wipe` with `{"project":"Apollo"}`. Nothing was run.',
    );
    const ids = asked.flatMap(({ proposals }) => proposals.map(({ approval }) => approval));
    expect(cancelled.cancels).toEqual(ids);
  });

  it.each(['rejected', 'expired', 'failed', 'done'] as const)(
    'and that nobody waits for any more ends (%s) without a word of what the desk asked',
    async (outcome) => {
      const asked = await conversation({
        commands,
        review: 'always',
        work: async () => drafted(unread),
      }).say('it broke');
      // A conversation that knows nothing of it, as after a reset.
      const { take } = conversation();
      expect(await take(ended(asked, outcome))).toMatchObject({ outcome: 'no_reply', proposals: [] });
    },
  );
});
