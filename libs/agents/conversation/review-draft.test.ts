import { describe, expect, it } from 'vitest';
import { actionOf } from '#contract/approval';
import { conversation, ended, question } from '../../../tests/support/sample-conversation.ts';
import { drafted, type SampleOptions } from '../../../tests/support/sample-desk.ts';

describe('a draft that a person has to read', () => {
  const reviewed = (more: SampleOptions = {}) =>
    conversation({ commands: question, review: 'always', ...more });

  it('is not sent, nor shown while it grows, before it is approved', async () => {
    const { say, take, drafts } = reviewed({
      work: async (_task, { onDraft }) => {
        onDraft('Secret');
        return drafted('Secret draft');
      },
    });
    const asked = await say('it broke');
    expect(asked.outcome).toBe('waiting');
    expect(asked.reply).not.toContain('Secret');
    expect(drafts).toEqual([]);
    expect(asked.proposals).toMatchObject([
      { actions: [{ name: 'send_reply', args: { text: 'Secret draft' } }] },
    ]);
    const sent = await take(ended(asked, 'done'));
    expect(sent.reply).toBe('Secret draft\n\nDid that help?');
  });

  it('goes out as the reviewer edited it', async () => {
    const { say, take } = reviewed();
    const asked = await say('it broke');
    const sent = await take(ended(asked, 'done', { actions: [actionOf('send_reply', { text: 'Edited.' })] }));
    expect(sent.reply).toBe('Edited.\n\nDid that help?');
  });

  it('is written anew with the reason when it is rejected, so often and no more', async () => {
    const reasons: (string | undefined)[] = [];
    const { say, take } = reviewed({
      work: async ({ rejected }) => {
        reasons.push(rejected?.reason);
        return drafted(rejected === null ? 'First' : `Better than ${rejected.draft}`);
      },
    });
    const first = await say('it broke');
    const second = await take(ended(first, 'rejected', { reason: 'too short' }));
    expect(second.proposals[0]?.actions[0]?.args).toEqual({ text: 'Better than First' });
    const third = await take(ended(second, 'rejected', { reason: 'still too short' }));
    expect(reasons).toEqual([undefined, 'too short']);
    expect(third.proposals.map(({ actions }) => actions[0]?.name)).toEqual(['hand_off']);
  });

  it('is read first also on the short way, when the guardrail finds something', async () => {
    const { say } = conversation({ commands: question, suspicious: /sky/ });
    const output = await say('is the sky known?');
    expect(output.proposals).toMatchObject([
      { actions: [{ name: 'send_reply' }], reason: 'it looks suspicious' },
    ]);
    expect(output.reply).not.toContain('The answer');
  });
});
