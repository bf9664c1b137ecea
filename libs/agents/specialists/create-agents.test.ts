import { Annotation, END, MemorySaver, START, StateGraph } from '@langchain/langgraph';
import { describe, expect, it } from 'vitest';
import { actionOf } from '#contract/approval';
import type { AgentSpec } from '#playbook/agent-spec';
import { cpuMs } from '../../../tests/support/cpu-ms.ts';
import { agentsWith, draftOf, runWith, taskOf, work } from './sample-billing.ts';

describe('an agent without a model', () => {
  it('answers a question from the knowledge and names the source', async () => {
    const result = await work('Where are my invoices?');
    expect(result).toMatchObject({ status: 'drafted', sources: ['Billing › Where invoices are'], steps: [] });
    expect(draftOf(result).draft).toContain('Settings › Billing');
  });

  it('takes the steps of a procedure in their order and proposes what is risky', async () => {
    const { run, ran, drafts } = runWith();
    const result = await work('I was charged twice for INV-1042, please refund it', { run });
    expect(ran.map(({ name }) => name)).toEqual(['find_invoice']);
    const { draft, actions } = draftOf(result);
    expect(actions).toEqual([
      actionOf('refund_invoice', {
        invoice_id: 'INV-1042',
        amount: 49,
        reason: 'I was charged twice for INV-1042, please refund it',
      }),
    ]);
    expect(result.steps.map(({ id, status }) => [id, status])).toEqual([
      ['look_up', 'passed'],
      ['sure', 'passed'],
      ['pay_back', 'proposed'],
    ]);
    expect(draft).toContain('Please wait ten days');
    expect(draft).not.toContain('mistake');
    expect(drafts.at(-1)).toBe(draft);
    expect(result.summary).toContain('refund_invoice');
  });

  it('says why it cannot go on where a check does not pass, and proposes nothing', async () => {
    const result = await work('please refund INV-2000');
    const { draft, actions } = draftOf(result);
    expect(actions).toEqual([]);
    expect(draft).toContain('INV-2000 is open');
  });

  it('asks for what is missing in the words of the flows', async () => {
    expect(draftOf(await work('I was charged twice')).draft).toContain('Which invoice is it?');
  });

  it('does not choose between two values', async () => {
    const { draft, actions } = draftOf(await work('I was charged twice: INV-1042 and INV-2000'));
    expect([draft, actions]).toEqual([expect.stringContaining('Which invoice is it?'), []]);
  });

  it('finds in the history what the message leaves out', async () => {
    const { run } = runWith({ history: [{ role: 'user', text: 'it is about INV-1042' }] });
    expect(draftOf(await work('I was charged twice', { run })).actions).toHaveLength(1);
  });

  it('needs a procedure for a task that none is for', async () => {
    const result = await work('Please send a bunch of flowers to my boss');
    expect(result).toMatchObject({ status: 'needs_procedure', summary: expect.stringContaining('flowers') });
  });

  it('goes by the procedure that a reviewer wrote', async () => {
    const result = await work('Please send flowers', { task: { procedure: 'We send flowers on Mondays.' } });
    expect(draftOf(result).draft).toContain('We send flowers on Mondays.');
  });

  it('hands a problem over that nothing is known about', async () => {
    expect((await work('the zebra ate the moon')).status).toBe('needs_person');
  });

  it.each([
    ['60 KB', `I was charged twice for INV-1042. ${'and again and again '.repeat(3_000)}`],
    [
      'marks of direction and mixed languages',
      'تم خصم المبلغ مرتين \u202e INV-1042 \u202c charged twice, bitte erstatten',
    ],
    ['nothing but signs', '?!. '.repeat(500)],
    ['broken characters', `charged twice \ud800 INV-1042 \u0000`],
  ])('ends with a result for %s', async (_, request) => {
    const began = cpuMs();
    const result = await work(request);
    expect(['drafted', 'needs_person']).toContain(result.status);
    expect(result.summary.length).toBeLessThan(3_000);
    expect(cpuMs() - began).toBeLessThan(2_000);
  });

  it('takes the reason of a rejected draft into account', async () => {
    const rejected = {
      draft: 'You get 49 back tomorrow.',
      reason: 'replace "tomorrow" with "within ten days"',
    };
    expect(draftOf(await work('please refund INV-1042', { task: { rejected } })).draft).toBe(
      'You get 49 back within ten days.',
    );
  });
});

describe('an agent inside of a graph that has checkpoints', () => {
  it('makes none of its own', async () => {
    const State = Annotation.Root({ status: Annotation<string>() });
    const agent = agentsWith().get('billing');
    const saver = new MemorySaver();
    const parent = new StateGraph(State)
      .addNode('agents', async () => ({
        status: (await agent?.work(taskOf('Where are my invoices?'), runWith().run))?.status ?? '',
      }))
      .addEdge(START, 'agents')
      .addEdge('agents', END)
      .compile({ checkpointer: saver });
    await parent.invoke({ status: '' }, { configurable: { thread_id: 't' }, durability: 'exit' });
    // By namespace: the parent's own is the empty one.
    expect(Object.keys(saver.storage['t'] ?? {})).toEqual(['']);
    expect(Object.keys(saver.storage['t']?.[''] ?? {})).toHaveLength(1);
  });
});

describe('createAgents', () => {
  it('takes an agent of another make where code has one', async () => {
    const custom = new Map([
      [
        'billing',
        (spec: AgentSpec) => ({
          id: spec.id,
          description: 'own',
          work: () => Promise.reject(new Error('own')),
        }),
      ],
    ]);
    await expect(work('x', { deps: { custom } })).rejects.toThrow('own');
  });
});
