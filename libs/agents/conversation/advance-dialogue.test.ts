import { MemorySaver } from '@langchain/langgraph';
import { describe, expect, it } from 'vitest';
import { actionOf, approval as approvalSchema } from '#contract/approval';
import {
  conversation,
  ended,
  question,
  said,
  start,
  thread,
} from '../../../tests/support/sample-conversation.ts';
import { drafted, sampleReviewer } from '../../../tests/support/sample-desk.ts';

describe('a flow in a conversation', () => {
  it('runs a tool of low risk at once, under a key of the turn', async () => {
    const { say, ran } = conversation({ commands: () => start('look', { project: 'Apollo' }) });
    const output = await say('look at Apollo');
    expect(output).toMatchObject({ reply: 'Finished with Apollo.', outcome: 'replied' });
    expect(ran).toEqual([
      { tool: 'look_up', args: { project: 'Apollo' }, key: expect.stringContaining(`${thread}:$event`) },
    ]);
  });

  it('calls the tool under the same key when the same turn runs again', async () => {
    const [first, second] = [0, 1].map(() =>
      conversation({ commands: () => start('look', { project: 'Apollo' }) }),
    );
    const input = said('look at Apollo');
    await first?.take(input);
    await second?.take(input);
    expect(first?.ran).toEqual(second?.ran);
  });

  it('proposes a risky tool with its digest, and never runs it', async () => {
    const { say, ran } = conversation({ commands: () => start('wipe', { project: 'Apollo' }) });
    const output = await say('wipe Apollo');
    expect(output.outcome).toBe('waiting');
    expect(output.proposals).toMatchObject([
      { actions: [actionOf('wipe', { project: 'Apollo' })], context: 'wipe Apollo' },
    ]);
    expect(approvalSchema.shape.id.safeParse(output.proposals[0]?.approval).success).toBe(true);
    expect(output.reply).toContain('`wipe` with `{"project":"Apollo"}`');
    expect(ran).toEqual([]);
  });

  it('asks under the same approval id when the same turn runs again', async () => {
    const input = said('wipe Apollo');
    const runs = [0, 1].map(() =>
      conversation({ commands: () => start('wipe', { project: 'Apollo' }) }).take(input),
    );
    const [first, second] = await Promise.all(runs);
    // How long it took is no part of what it does.
    const account = expect.anything();
    expect({ ...first, account }).toEqual({ ...second, account });
  });

  it('does not ask twice for what is waiting already', async () => {
    const { say } = conversation({ commands: () => start('wipe', { project: 'Apollo' }) });
    await say('wipe Apollo');
    const again = await say('wipe Apollo');
    expect(again).toMatchObject({ proposals: [] });
    expect(again.reply).toContain('waiting for a reviewer already');
  });

  it('goes on when its approval has ended, and looks later whether it has held', async () => {
    const { say, take, ran } = conversation({ commands: () => start('wipe', { project: 'Apollo' }) });
    const done = await take(ended(await say('wipe Apollo'), 'done'));
    expect(done.reply).toContain(`Approved by ${sampleReviewer} and done`);
    expect(done.reply).toContain('Finished with Apollo.');
    const [later] = done.later;
    expect(later).toMatchObject({
      afterSeconds: 600,
      check: { tool: 'look_up', args: { project: 'Apollo' } },
    });
    if (later === undefined) throw new Error('no check');
    const check = {
      kind: 'check',
      id: later.timer,
      check: later.check,
      at: '2025-01-01T00:15:00.000Z',
    } as const;
    const failed = await take(check);
    expect(ran.map(({ tool }) => tool)).toEqual(['look_up']);
    expect(failed.reply).toContain('It has come back.');
    expect(failed.proposals[0]?.actions[0]?.name).toBe('hand_off');
    const expected = { ...later.check, expect: { value: 'result.state', is: 'done' } };
    expect(await take({ ...check, check: expected })).toMatchObject({ outcome: 'no_reply', proposals: [] });
  });

  it.each([
    ['rejected', 'rejected by @rev:example.org. Nothing was run.'],
    ['responded', 'the reviewer @rev:example.org answered'],
    ['expired', 'Nobody decided in time'],
    ['refused', 'refused when it was about to run'],
    ['failed', 'did not succeed'],
    ['unknown', 'not certain that it took effect'],
  ] as const)('reports the outcome %s and waits for it no longer', async (outcome, words) => {
    const { say, take } = conversation({
      commands: (text) =>
        text === 'wipe'
          ? start('wipe', { project: 'Apollo' })
          : [{ kind: 'digress', digression: 'status', text, topics: [] }],
    });
    const report = await take(ended(await say('wipe'), outcome));
    expect(report).toMatchObject({ outcome: 'replied', proposals: [], cancels: [] });
    expect(report.reply).toContain(words);
    expect((await say('status')).reply).toBe('Nothing of yours is waiting for approval.');
  });

  it('tells how it stands while it waits, and is withdrawn by a cancel', async () => {
    const { say, seen } = conversation({
      commands: (text) => {
        if (text === 'wipe') return start('wipe', { project: 'Apollo' });
        return text === 'cancel'
          ? [{ kind: 'cancel' }]
          : [{ kind: 'digress', digression: 'status', text, topics: [] }];
      },
    });
    const asked = await say('wipe');
    const status = await say('status', '2025-01-01T03:00:00.000Z');
    expect(status.reply).toContain('has been waiting for a reviewer for 3 hours');
    const cancelled = await say('cancel');
    expect(cancelled.cancels).toEqual([asked.proposals[0]?.approval]);
    expect(cancelled.reply).toMatch(/^Cancelled: `wipe`/);
    expect((await say('cancel')).reply).toContain('nothing to cancel');
    expect(seen.map(({ context }) => context.waiting)).toEqual([0, 1, 1, 0]);
  });

  it('asks its open question again after something in between', async () => {
    const { say } = conversation({
      commands: (text) => (text === 'look' ? start('look') : question(text)),
    });
    expect((await say('look')).reply).toBe('Which project?');
    expect((await say('is it known?')).reply).toBe('The answer to is it known?\n\nWhich project?');
  });

  it('is remembered when it has ended, and recalled when the person comes back', async () => {
    const first = conversation({ commands: () => start('look', { project: 'Apollo' }) });
    await first.say('look at Apollo');
    const work: string[][] = [];
    const seen = conversation({
      commands: question,
      stores: first.stores,
      work: async (_task, run) => {
        work.push([...run.memories]);
        return drafted('A draft');
      },
    });
    await seen.say('it broke');
    expect(work[0]?.join(' ')).toContain('They went through look.');
  });

  it('ends with words where its playbook is lost, and says so in the admin room', async () => {
    const saver = new MemorySaver();
    await conversation({ commands: () => start('look'), version: 'v1' }, saver).say('look');
    const next = conversation({ commands: question, version: 'v2' }, saver);
    const output = await next.say('is it known?');
    expect(output.reply).toContain('start it again');
    expect(output.notices[0]?.text).toContain('look');
    expect(output.situation).toMatchObject({ version: null, dialogue: { stack: [], parked: [] } });
  });
});
