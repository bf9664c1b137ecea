import { Annotation, type CheckpointTuple, END, MemorySaver, START, StateGraph } from '@langchain/langgraph';
import { describe, expect, it } from 'vitest';
import { actionOf } from '#contract/approval';
import type { Command } from '#dialogue/command';
import { conversation, question, thread } from '../../../tests/support/sample-conversation.ts';

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

  it('keeps the newest forty to fifty messages and gives them to the next turn', async () => {
    const { say, seen } = conversation({ commands: question });
    for (let turn = 0; turn < 33; turn += 1) await say(`is it q${turn}?`);
    const lengths = seen.slice(20).map(({ history }) => history.length);
    expect(Math.min(...lengths)).toBe(40);
    expect(Math.max(...lengths)).toBe(50);
    expect(seen.at(-1)?.history.at(-1)).toEqual({ role: 'assistant', text: 'The answer to is it q31?' });
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
