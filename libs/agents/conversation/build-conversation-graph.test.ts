import { Annotation, type CheckpointTuple, END, MemorySaver, START, StateGraph } from '@langchain/langgraph';
import { describe, expect, it } from 'vitest';
import { actionOf, approval as approvalSchema } from '#contract/approval';
import type { Command } from '#dialogue/command';
import {
  drafted,
  type SampleOptions,
  sampleDesk,
  sampleReviewer,
} from '../../../tests/support/sample-desk.ts';
import { buildConversationGraph } from './build-conversation-graph.ts';
import { createLocalProcedures } from './create-local-procedures.ts';
import type { ActionFinishedInput, MessageInput, TurnInput, TurnOutput } from './turn.ts';

const thread = '!room:example.org:main:@ann:example.org';
const question = (text: string): Command[] => [
  { kind: 'digress', digression: 'question', text, topics: ['billing'] },
];
const start = (flow: string, slots: Record<string, string> = {}): Command[] => [
  { kind: 'start_flow', flow, slots },
];

function conversation(options: SampleOptions = {}, saver = new MemorySaver()) {
  const sample = sampleDesk(options);
  const procedures = createLocalProcedures();
  const { desk } = sample;
  const find = async (version: string) => (version === desk.playbook.version ? desk : undefined);
  const graph = buildConversationGraph({ desks: { current: () => desk, find }, procedures });
  const drafts: string[] = [];
  const take = (input: TurnInput): Promise<TurnOutput> =>
    graph.takeTurn(input, {
      thread,
      saver,
      signal: new AbortController().signal,
      onDraft: (text) => drafts.push(text),
    });
  const say = (text: string, at?: string) => take(said(text, at));
  return { ...sample, take, say, saver, drafts, procedures };
}

let events = 0;
function said(text: string, at = '2025-01-01T00:00:00.000Z'): MessageInput {
  events += 1;
  return { kind: 'message', text, eventId: `$event${events}`, sender: '@ann:example.org', at };
}

function ended(
  asked: TurnOutput,
  outcome: ActionFinishedInput['outcome'],
  more: Partial<ActionFinishedInput> = {},
): ActionFinishedInput {
  const [proposal] = asked.proposals;
  if (proposal === undefined) throw new Error('nothing was asked');
  const actions = more.actions ?? proposal.actions;
  const results =
    outcome === 'done' ? [{ status: 'done' as const, text: 'It ran.', data: { state: 'gone' } }] : [];
  const at = '2025-01-01T00:05:00.000Z';
  return {
    kind: 'action_finished',
    approval: proposal.approval,
    outcome,
    actions,
    results,
    decidedBy: [sampleReviewer],
    at,
    ...more,
  };
}

describe('a conversation', () => {
  it('answers a plain question on the short way, with drafts of the whole text so far', async () => {
    const { say, drafts } = conversation({
      commands: (text) => [{ kind: 'chat', tone: 'greeting' }, ...question(text)],
    });
    const output = await say('why is the sky known?');
    expect(output.reply).toBe('Hello, I am the desk.\n\nThe answer to why is the sky known?');
    expect(output).toMatchObject({ proposals: [], cancels: [], notices: [], later: [], outcome: 'replied' });
    expect(drafts).toEqual(['Hello, I am the desk.\n\nThe an']);
  });

  it('leaves nobody without an answer, whatever was understood', async () => {
    const why = conversation({
      commands: (text) => [{ kind: 'digress', digression: 'why', text, topics: [] }],
    });
    expect((await why.say('why?')).reply).toMatch(/\w/);
    const nothing = conversation({ commands: () => [{ kind: 'set_slot', slot: 'project', value: 'x' }] });
    expect((await nothing.say('x')).reply).toMatch(/\w/);
    const sensitive = conversation({
      commands: (text) => [{ kind: 'digress', digression: 'question', text, topics: [] }],
      analysis: {
        sensitivity: { isSensitive: true, riskCategory: 'legal_threat', confidence: 1, entities: [] },
      },
    });
    expect((await sensitive.say('I sue you')).proposals[0]?.actions[0]?.name).toBe('hand_off');
  });

  it('asks for text where a message has none', async () => {
    const { say, seen } = conversation();
    expect((await say('  ')).reply).toContain('I can read text only');
    expect(seen).toEqual([]);
  });

  it('keeps the newest forty messages and gives them to the next turn', async () => {
    const { say, seen } = conversation({ commands: question });
    for (let turn = 0; turn < 25; turn += 1) await say(`is it q${turn}?`);
    const history = seen.at(-1)?.history ?? [];
    expect(history).toHaveLength(40);
    expect(history.at(-1)).toEqual({ role: 'assistant', text: 'The answer to is it q23?' });
  });

  it('puts one checkpoint for each turn, with nothing of the turn itself in it', async () => {
    const { say, saver } = conversation({ commands: question });
    await say('is a known?');
    await say('is b known?');
    const tuples: CheckpointTuple[] = [];
    for await (const tuple of saver.list({ configurable: { thread_id: thread } })) tuples.push(tuple);
    expect(tuples).toHaveLength(2);
    expect(JSON.stringify(tuples)).not.toContain('$event');
  });

  it('runs a turn that failed again from the checkpoint before it, when what it put is thrown away', async () => {
    let isDown = true;
    const commands = (text: string) => {
      if (isDown) throw new Error('model is down');
      return question(text);
    };
    await expect(conversation({ commands }).say('why?')).rejects.toThrow('model is down');
    isDown = false;
    expect((await conversation({ commands }).say('why?')).reply).toBe('The answer to why?');
  });
});

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
    expect(first).toEqual(second);
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

describe('a conversation that was saved by the version before', () => {
  it('goes on, with what it waits for', async () => {
    const saver = new MemorySaver();
    const before = {
      id: '0123456789ABCDEFGHJK',
      actions: [actionOf('wipe', { project: 'Zeus' })],
      since: '2025-01-01T00:00:00.000Z',
    };
    const state = Annotation.Root({ messages: Annotation<unknown[]>(), pending: Annotation<unknown[]>() });
    const old = new StateGraph(state)
      .addNode('respond', () => ({ messages: [{ role: 'user', text: 'wipe' }], pending: [before] }))
      .addEdge(START, 'respond')
      .addEdge('respond', END)
      .compile({ checkpointer: saver });
    await old.invoke({}, { configurable: { thread_id: thread } });
    const status = (text: string): Command[] => [{ kind: 'digress', digression: 'status', text, topics: [] }];
    const { say, take } = conversation({ commands: status }, saver);
    expect((await say('status')).reply).toContain('`wipe` with `{"project":"Zeus"}` has been waiting');
    const { id: approval, actions } = before;
    const over = {
      kind: 'action_finished',
      approval,
      outcome: 'expired',
      actions,
      decidedBy: [],
      at: before.since,
    } as const;
    expect((await take(over)).reply).toContain('Nobody decided in time');
  });
});

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
