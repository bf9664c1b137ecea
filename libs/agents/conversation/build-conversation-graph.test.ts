import { MemorySaver } from '@langchain/langgraph';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Tool } from '#agents/tools/tool';
import { createToolRegistry } from '#agents/tools/tool-registry';
import { actionOf, approval as approvalSchema } from '#contract/approval';
import type { Answer } from '#models/answer';
import type { Intent, UnderstandInput } from '#models/understanding';
import { buildConversationGraph, type TurnOptions } from './build-conversation-graph.ts';
import type { ActionFinishedInput, MessageInput } from './turn.ts';

const thread = '!room:example.org:main:@ann:example.org';
const args = z.strictObject({ project: z.string().min(1) });
const tool: Tool<{ project: string }> = {
  name: 'wipe',
  description: 'Wipes a project',
  args,
  risk: 'medium',
  isRepeatable: false,
  timeoutMs: 1_000,
  run: async () => ({ text: 'never called by the conversation' }),
};

function conversation(intentsOf: (text: string) => Intent[]) {
  const saver = new MemorySaver();
  const seen: UnderstandInput[] = [];
  const drafts: string[] = [];
  const answer: Answer = async ({ question, onDraft }) => {
    onDraft('The an');
    return `The answer to ${question}`;
  };
  const build = () =>
    buildConversationGraph({
      understand: async (input) => {
        seen.push(input);
        return { intents: intentsOf(input.text) };
      },
      answer,
      tools: createToolRegistry([tool]),
      greeting: 'Hello, I am the desk.',
      exampleOf: () => 'wipe project Apollo',
    });
  const options: TurnOptions = {
    thread,
    saver,
    signal: new AbortController().signal,
    onDraft: (text) => drafts.push(text),
  };
  return { build, graph: build(), options, saver, seen, drafts };
}

let events = 0;
function said(text: string, at = '2025-01-01T00:00:00.000Z'): MessageInput {
  events += 1;
  return { kind: 'message', text, eventId: `$event${events}`, sender: '@ann:example.org', at };
}

const wanted = (project: unknown): Intent[] => [
  { kind: 'request', tool: 'wipe', args: JSON.parse(JSON.stringify({ project })) },
];

function finished(approval: string, outcome: ActionFinishedInput['outcome']): ActionFinishedInput {
  const actions = [actionOf('wipe', { project: 'Apollo' })];
  return {
    kind: 'action_finished',
    approval,
    outcome,
    actions,
    decidedBy: ['@rev:example.org'],
    at: '2025-01-01T00:05:00.000Z',
  };
}

describe('buildConversationGraph', () => {
  it('answers a question and hands out drafts of the whole text so far', async () => {
    const { graph, options, drafts } = conversation((text) => [
      { kind: 'greeting' },
      { kind: 'question', text },
    ]);
    const output = await graph.takeTurn(said('why?'), options);
    expect(output).toEqual({
      reply: 'Hello, I am the desk.\n\nThe answer to why?',
      proposals: [],
      cancels: [],
      outcome: 'replied',
    });
    expect(drafts).toEqual(['Hello, I am the desk.\n\nThe an']);
  });

  it('proposes an action with its digest and waits', async () => {
    const { graph, options } = conversation(() => wanted('Apollo'));
    const output = await graph.takeTurn(said('wipe Apollo'), options);
    expect(output.outcome).toBe('waiting');
    expect(output.proposals).toEqual([
      {
        approval: expect.stringMatching(/^[0-9A-Z]{20}$/),
        actions: [actionOf('wipe', { project: 'Apollo' })],
        reason: '@ann:example.org asked for it',
        context: 'wipe Apollo',
      },
    ]);
    expect(approvalSchema.shape.id.safeParse(output.proposals[0]?.approval).success).toBe(true);
    expect(output.reply).toContain('`wipe` with `{"project":"Apollo"}`');
  });

  it('asks under the same approval id when the same turn runs again', async () => {
    const first = conversation(() => wanted('Apollo'));
    const second = conversation(() => wanted('Apollo'));
    const input = said('wipe Apollo');
    const [a, b] = [
      await first.graph.takeTurn(input, first.options),
      await second.graph.takeTurn(input, second.options),
    ];
    expect(a).toEqual(b);
  });

  it.each([
    ['missing', {}, 'I need to know: project'],
    ['of the wrong type', { project: 7 }, 'cannot use what I read as project'],
    ['unknown', { project: 'Apollo', force: true }, 'force: is not an argument'],
  ])('proposes nothing when an argument is %s, and says how to ask', async (_, wrong, said1) => {
    const { graph, options } = conversation(() => [{ kind: 'request', tool: 'wipe', args: wrong }]);
    const output = await graph.takeTurn(said('wipe'), options);
    expect(output).toMatchObject({ outcome: 'replied', proposals: [] });
    expect(output.reply).toContain(said1);
    expect(output.reply).toContain('wipe project Apollo');
  });

  it('proposes nothing for a tool that is not there', async () => {
    const { graph, options } = conversation(() => [{ kind: 'request', tool: 'launch', args: {} }]);
    const output = await graph.takeTurn(said('launch'), options);
    expect(output).toMatchObject({ outcome: 'replied', proposals: [] });
    expect(output.reply).toContain('there is no tool `launch`');
  });

  it('puts actions of one tool into one approval', async () => {
    const { graph, options } = conversation(() => [
      ...wanted('Apollo'),
      ...wanted('Zeus'),
      ...wanted('Apollo'),
    ]);
    const output = await graph.takeTurn(said('wipe both'), options);
    expect(output.proposals.map(({ actions }) => actions.map((action) => action.args['project']))).toEqual([
      ['Apollo', 'Zeus'],
    ]);
  });

  it('takes turns while an approval waits, and tells how it stands', async () => {
    const { graph, build, options, seen } = conversation((text) => {
      if (text === 'wipe') return wanted('Apollo');
      return text === 'status' ? [{ kind: 'status' }] : [{ kind: 'question', text }];
    });
    await graph.takeTurn(said('wipe'), options);
    const question = await graph.takeTurn(said('why?'), options);
    expect(question).toMatchObject({ outcome: 'replied', cancels: [], proposals: [] });
    const status = await build().takeTurn(said('status', '2025-01-01T03:00:00.000Z'), options);
    expect(status.reply).toContain('has been waiting for a reviewer for 3 hours');
    expect(seen.map(({ waiting }) => waiting)).toEqual([0, 1, 1]);
  });

  it('does not ask twice for what is waiting already', async () => {
    const { graph, options } = conversation(() => wanted('Apollo'));
    await graph.takeTurn(said('wipe'), options);
    const again = await graph.takeTurn(said('wipe'), options);
    expect(again).toMatchObject({ outcome: 'replied', proposals: [] });
    expect(again.reply).toContain('waiting for a reviewer already');
  });

  it('cancels what waits, says so, and has nothing to cancel afterwards', async () => {
    const { graph, options } = conversation((text) =>
      text === 'wipe' ? wanted('Apollo') : [{ kind: 'cancel' }],
    );
    const asked = await graph.takeTurn(said('wipe'), options);
    const cancelled = await graph.takeTurn(said('cancel'), options);
    expect(cancelled.cancels).toEqual([asked.proposals[0]?.approval]);
    expect(cancelled.reply).toMatch(/^Cancelled: `wipe`/);
    const again = await graph.takeTurn(said('cancel'), options);
    expect(again.cancels).toEqual([]);
    expect(again.reply).toContain('nothing to cancel');
  });

  it.each([
    ['done', 'Approved by @rev:example.org and done'],
    ['rejected', 'rejected by @rev:example.org. Nothing was run.'],
    ['responded', 'the reviewer @rev:example.org answered'],
    ['expired', 'Nobody decided in time'],
    ['refused', 'refused when it was about to run'],
    ['failed', 'did not succeed'],
    ['unknown', 'not certain that it took effect'],
    ['cancelled', 'Cancelled: `wipe`'],
  ] as const)('reports the outcome %s and waits for it no longer', async (outcome, words) => {
    const { graph, options } = conversation((text) =>
      text === 'wipe' ? wanted('Apollo') : [{ kind: 'status' }],
    );
    const asked = await graph.takeTurn(said('wipe'), options);
    const report = await graph.takeTurn(finished(asked.proposals[0]?.approval ?? '', outcome), options);
    expect(report).toMatchObject({ outcome: 'replied', proposals: [], cancels: [] });
    expect(report.reply).toContain(words);
    const status = await graph.takeTurn(said('status'), options);
    expect(status.reply).toBe('Nothing of yours is waiting for approval.');
  });

  it('says nothing about the end of an approval that the person cancelled', async () => {
    const { graph, options } = conversation(() => []);
    const report = await graph.takeTurn(finished('0123456789ABCDEFGHJK', 'cancelled'), options);
    expect(report).toEqual({ proposals: [], cancels: [], outcome: 'no_reply' });
  });

  it('leaves nothing of a turn in the checkpoint but messages and what waits', async () => {
    const { graph, options, saver } = conversation((text) => [{ kind: 'question', text }]);
    await graph.takeTurn(said('why?'), options);
    const tuple = await saver.getTuple({ configurable: { thread_id: thread } });
    const kept = Object.entries(tuple?.checkpoint.channel_values ?? {})
      .filter(([name, value]) => !/^(__|branch:)/.test(name) && value !== undefined)
      .map(([name]) => name);
    expect(kept.sort()).toEqual(['messages', 'pending']);
    expect(JSON.stringify(tuple)).not.toContain('$event');
  });

  it('keeps the newest forty messages and gives them to the next turn', async () => {
    const { graph, options, seen } = conversation((text) => [{ kind: 'question', text }]);
    for (let turn = 0; turn < 25; turn += 1) await graph.takeTurn(said(`q${turn}`), options);
    const history = seen.at(-1)?.history ?? [];
    expect(history).toHaveLength(40);
    expect(history.at(-1)).toEqual({ role: 'assistant', text: 'The answer to q23' });
  });

  it('puts one checkpoint for each turn', async () => {
    const { graph, options, saver } = conversation((text) => [{ kind: 'question', text }]);
    await graph.takeTurn(said('a'), options);
    await graph.takeTurn(said('b'), options);
    let count = 0;
    for await (const _ of saver.list({ configurable: { thread_id: thread } })) count += 1;
    expect(count).toBe(2);
  });

  it('asks for text where a message has none', async () => {
    const { graph, options, seen } = conversation(() => []);
    const output = await graph.takeTurn(said('  '), options);
    expect(output.reply).toContain('I can read text only');
    expect(seen).toEqual([]);
  });

  it('runs a turn that failed again from the checkpoint before it, when what it put is thrown away', async () => {
    let isDown = true;
    const { graph, options } = conversation((text) => {
      if (isDown) throw new Error('model is down');
      return [{ kind: 'question', text }];
    });
    const failed = graph.takeTurn(said('why?'), { ...options, saver: new MemorySaver() });
    await expect(failed).rejects.toThrow('model is down');
    isDown = false;
    const output = await graph.takeTurn(said('why?'), options);
    expect(output.reply).toBe('The answer to why?');
  });
});
