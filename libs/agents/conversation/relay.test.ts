import { describe, expect, it } from 'vitest';
import { conversation, ended, question, start } from '../../../tests/support/sample-conversation.ts';
import { type SampleOptions, sampleReviewer } from '../../../tests/support/sample-desk.ts';
import type { TurnInput, TurnOutput } from './turn.ts';

describe('a person in a conversation', () => {
  const askForPerson = (more: SampleOptions = {}) =>
    conversation({
      commands: (text) => (text === 'person' ? [{ kind: 'hand_off' }] : question(text)),
      ...more,
    });
  const wordFrom = (asked: TurnOutput, text: string): TurnInput => ({
    kind: 'person',
    id: `$word-${text}`,
    approval: asked.proposals[0]?.approval ?? '',
    by: sampleReviewer,
    text,
    at: '2025-01-01T00:06:00.000Z',
  });

  it('answers once by responding', async () => {
    const { say, take } = askForPerson();
    const output = await take(ended(await say('person'), 'responded', { reason: 'I will look.' }));
    expect(output.reply).toContain('I will look.');
    expect((await say('is it known?')).reply).toBe('The answer to is it known?');
  });

  it('takes over by approving: the bot is silent, words go both ways, until they hand back', async () => {
    const { say, take, seen } = askForPerson();
    const asked = await say('person');
    const taken = await take(ended(asked, 'done'));
    expect(taken.reply).toContain('has taken over');
    const relayed = await say('is it known?', '2025-01-01T00:06:00.000Z');
    expect(relayed).toMatchObject({
      outcome: 'no_reply',
      notices: [{ text: '@ann:example.org: is it known?' }],
    });
    expect(seen).toHaveLength(1);
    expect((await take(wordFrom(asked, 'Try again.'))).reply).toBe('Try again.');
    const back = await take(wordFrom(asked, 'hand back'));
    expect(back.reply).toContain('talking to the bot again');
    expect((await say('is it known?')).reply).toBe('The answer to is it known?');
    const late = await take(wordFrom(asked, 'One more thing'));
    expect(late).toMatchObject({ outcome: 'no_reply' });
    expect(late.notices[0]?.text).toContain('not passed on');
  });

  it('is asked to take over, when a reviewer wants to, without a word to the user', async () => {
    const { say, take } = conversation({ commands: () => start('wipe', { project: 'Apollo' }) });
    const asked = await say('wipe Apollo');
    const wanted = await take(wordFrom(asked, 'take over'));
    expect(wanted).toMatchObject({ proposals: [{ actions: [{ name: 'hand_off' }] }] });
    expect(wanted.reply).toBeUndefined();
  });

  it('hands back by being silent for long', async () => {
    const { say, take } = askForPerson();
    await take(ended(await say('person'), 'done'));
    const output = await say('is it known?', '2025-01-01T01:00:00.000Z');
    expect(output.reply).toBe('The answer to is it known?');
    expect(output.notices[0]?.text).toContain('answers @ann:example.org again');
  });

  it('is asked once, however often somebody is wanted', async () => {
    const { say } = askForPerson();
    await say('person');
    expect(await say('person')).toMatchObject({ proposals: [] });
  });
});
