import { describe, expect, it } from 'vitest';
import { turnStep } from '#contract/turn-record';
import { conversation, question, start } from '../../../tests/support/sample-conversation.ts';
import { drafted } from '../../../tests/support/sample-desk.ts';

describe('the account of a turn', () => {
  it('tells what was understood, the flow, its tools and what was asked for, in order', async () => {
    const { say } = conversation({ commands: () => start('wipe', { project: 'Apollo' }) });
    const { account } = await say('wipe Apollo');
    expect(account.understood).toMatchObject({
      by: 'examples',
      commands: ['start_flow wipe (project)'],
      topics: ['billing'],
      risk: 'none',
    });
    expect(account.steps.map(({ kind, name, status }) => `${kind} ${name} ${status}`)).toEqual([
      'model sample done',
      'understand message done',
      'flow wipe started',
      'tool wipe proposed',
    ]);
    for (const step of account.steps) expect(turnStep.safeParse(step).success).toBe(true);
  });

  it('tells which agents worked on it, with their tools, and what it cost', async () => {
    const { say } = conversation({
      commands: question,
      work: async (_task, { callTool, onUsage }) => {
        onUsage({ model: 'writer', inputTokens: 10, outputTokens: 2 });
        await callTool('look_up', { project: 'Apollo' }, '1');
        return drafted('A draft');
      },
    });
    const { account } = await say('it broke');
    expect(account.route).toEqual(['billing']);
    expect(account.steps.map(({ kind, name }) => `${kind} ${name}`)).toEqual(
      expect.arrayContaining(['agent billing', 'tool look_up', 'model writer', 'review send_reply']),
    );
    expect(account.usage).toEqual([
      { model: 'sample', inputTokens: 60, outputTokens: 0, cost: 0 },
      { model: 'writer', inputTokens: 10, outputTokens: 2, cost: 0 },
    ]);
  });

  it('holds names only: nothing that was written, no values, no tool that a model made up', async () => {
    const canary = 'CANARY-4711';
    const { say } = conversation({
      commands: () => [...start('wipe', { project: canary }), ...question(canary)],
      work: async (_task, { callTool }) => {
        await callTool(canary, { text: canary }, '1');
        await callTool('look_up', { project: canary }, '2');
        return drafted(canary);
      },
    });
    const { account, reply } = await say(`it broke ${canary}`);
    expect(reply).toContain(canary);
    expect(JSON.stringify(account)).not.toContain(canary);
    expect(account.steps.map(({ name }) => name)).toContain('unknown');
  });

  it('is bounded where an agent goes in circles', async () => {
    const { say } = conversation({
      commands: question,
      work: async (_task, { callTool }) => {
        for (let call = 0; call < 200; call += 1) await callTool('look_up', { project: 'x' }, `${call}`);
        return drafted('A draft');
      },
    });
    expect((await say('it broke')).account.steps).toHaveLength(60);
  });
});
