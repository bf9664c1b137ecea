import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { actionOf } from '#contract/approval';
import { eventually } from '../../../tests/support/eventually.ts';
import { conversation, ended, question } from '../../../tests/support/sample-conversation.ts';
import { drafted } from '../../../tests/support/sample-desk.ts';

describe('an agent in a conversation', () => {
  it('answers what is more than a plain question, with drafts while it writes', async () => {
    const { say, drafts } = conversation({
      commands: question,
      work: async (_task, { onDraft }) => {
        onDraft('A dra');
        return drafted('A draft');
      },
    });
    expect(await say('it broke')).toMatchObject({ reply: 'A draft', outcome: 'replied' });
    expect(drafts).toEqual(['A dra']);
  });

  it('cannot run a risky tool, nor one that is not on its list', async () => {
    const outcomes: unknown[] = [];
    const { say, ran } = conversation({
      commands: question,
      work: async (_task, { callTool }) => {
        outcomes.push(await callTool('wipe', { project: 'Apollo' }, '1'));
        outcomes.push(await callTool('send_reply', { text: 'x' }, '2'));
        return drafted('A draft', { actions: [actionOf('wipe', { project: 'Apollo' })] });
      },
    });
    const output = await say('it broke');
    expect(outcomes).toMatchObject([{ status: 'proposed' }, { status: 'refused' }]);
    expect(output.proposals.map(({ actions }) => actions[0]?.name)).toEqual(['wipe']);
    expect(ran).toEqual([]);
  });

  it.each([
    ['no agent is for the topic', 'unknown'],
    ['the agent is missing', 'gone'],
  ])('leaves it to a person, with a summary, where %s', async (_, topic) => {
    const { say } = conversation({
      commands: (text) => [{ kind: 'digress', digression: 'question', text, topics: [topic] }],
    });
    const output = await say('paint my house');
    expect(output.proposals).toMatchObject([{ actions: [{ name: 'hand_off' }] }]);
    expect(JSON.stringify(output.proposals[0]?.actions)).toContain('paint my house');
  });

  it('is replaced by a person where its flag is off, or it fails behind one', async () => {
    const reported: string[] = [];
    const report = async (_flag: string, _who: unknown, outcome: string) => {
      reported.push(outcome);
      return 'The flag was rolled back.';
    };
    const off = conversation({ commands: question, flag: 'try', flags: { isOn: async () => false } });
    expect((await off.say('it broke')).proposals[0]?.actions[0]?.name).toBe('hand_off');
    const work = () => Promise.reject(new Error('broken'));
    const failing = conversation({ commands: question, flag: 'try', flags: { report }, work });
    const output = await failing.say('it broke');
    expect(output.proposals[0]?.actions[0]?.name).toBe('hand_off');
    expect(output.notices.map(({ text }) => text)).toEqual(['The flag was rolled back.']);
    expect(reported).toEqual(['error']);
  });

  it('has nothing at work any more when the turn has failed over another one', async () => {
    const slow = Promise.withResolvers<void>();
    let atWork = 0;
    const { say } = conversation({
      commands: (text) => [...question(text), ...question(`${text} twice`)],
      work: async ({ request }) => {
        if (!request.endsWith('twice')) throw new Error('the first is broken');
        atWork += 1;
        await slow.promise;
        atWork -= 1;
        return drafted('A draft');
      },
    });
    const left = say('it broke').catch((error: unknown) => ({ error, atWork }));
    await eventually(() => atWork === 1);
    // Time for the turn to end, if it would.
    for (let turns = 0; turns < 50; turns += 1) await nextTurn();
    slow.resolve();
    expect(await left).toMatchObject({ error: { message: 'the first is broken' }, atWork: 0 });
  });

  it('gets a procedure from a reviewer where none is found, which is kept for review', async () => {
    const given: (string | null)[] = [];
    const { say, take, procedures } = conversation({
      commands: question,
      work: async ({ procedure }) => {
        given.push(procedure);
        const summary = 'It found no procedure.';
        return procedure === null
          ? { status: 'needs_procedure', agent: 'billing', steps: [], summary }
          : drafted(`By the book: ${procedure}`);
      },
    });
    const asked = await say('move my invoices');
    expect(asked.proposals).toMatchObject([
      { actions: [{ name: 'write_procedure' }], decisions: ['reject', 'respond'] },
    ]);
    const told = await take(ended(asked, 'responded', { reason: 'Export, then import.' }));
    expect(told.reply).toBe('By the book: Export, then import.');
    expect(given).toEqual([null, 'Export, then import.']);
    expect(await procedures.list()).toMatchObject([{ topic: 'billing', text: 'Export, then import.' }]);
  });
});
