import { MemorySaver } from '@langchain/langgraph';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ActionGraphError, ToolError } from '#agents/errors';
import { createBreakers } from '#agents/tools/create-breakers';
import type { Tool, ToolCall } from '#agents/tools/tool';
import { createToolRegistry } from '#agents/tools/tool-registry';
import { type Action, actionOf } from '#contract/approval';
import type { ActionDecision } from './action-decision.ts';
import { buildActionGraph } from './build-action-graph.ts';
import type { Permit } from './permit.ts';

const approval = '0123456789ABCDEFGHJK';
const thread = `approval:${approval}`;
const who = { by: ['@rev:example.org'], at: '2025-01-01T00:00:00.000Z', event_id: '$decision' };
const freely: Permit = { start: async () => 'go' };
const { signal } = new AbortController();

const argsSchema = z.strictObject({ project: z.string().min(1) });

function wipeTool(overrides: Partial<Tool<{ project: string }>> = {}) {
  const calls: { args: unknown; key: string }[] = [];
  const tool: Tool<{ project: string }> = {
    name: 'wipe',
    description: 'Wipes a project',
    args: argsSchema,
    risk: 'medium',
    isRepeatable: false,
    timeoutMs: 5_000,
    run: async (args, call) => {
      calls.push({ args, key: call.idempotencyKey });
      return { text: `wiped ${args.project}`, data: { project: args.project } };
    },
    ...overrides,
  };
  return { tool, calls, graph: buildActionGraph({ tools: createToolRegistry([tool]) }) };
}

const apollo = actionOf('wipe', { project: 'Apollo' });
const zeus = actionOf('wipe', { project: 'Zeus' });
const approve = (...actions: Action[]): ActionDecision => ({ decision: 'approve', ...who, actions });

describe('buildActionGraph', () => {
  it('waits for a decision and runs nothing before it', async () => {
    const { graph, calls } = wipeTool();
    const id = await graph.ask({ approval, actions: [apollo] }, { thread, saver: new MemorySaver() });
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(calls).toEqual([]);
  });

  it('keeps its question when it is asked again', async () => {
    const { graph } = wipeTool();
    const saver = new MemorySaver();
    const id = await graph.ask({ approval, actions: [apollo] }, { thread, saver });
    expect(await graph.ask({ approval, actions: [apollo] }, { thread, saver })).toBe(id);
  });

  it('runs the approved action once, under the key of its approval, in another process', async () => {
    const saver = new MemorySaver();
    const first = wipeTool();
    const id = await first.graph.ask({ approval, actions: [apollo] }, { thread, saver });
    const second = wipeTool();
    const results = await second.graph.decide(id, approve(apollo), { thread, saver, permit: freely, signal });
    expect(results).toEqual([{ status: 'done', text: 'wiped Apollo', data: { project: 'Apollo' } }]);
    expect(second.calls).toEqual([{ args: { project: 'Apollo' }, key: `${approval}:0` }]);
    expect(first.calls).toEqual([]);
  });

  it('refuses a second decision on the same interrupt and runs nothing', async () => {
    const { graph, calls } = wipeTool();
    const saver = new MemorySaver();
    const id = await graph.ask({ approval, actions: [apollo] }, { thread, saver });
    await graph.decide(id, approve(apollo), { thread, saver, permit: freely, signal });
    const again = graph.decide(id, approve(apollo), { thread, saver, permit: freely, signal });
    await expect(again).rejects.toThrow(ActionGraphError);
    expect(calls).toHaveLength(1);
  });

  it('refuses the interrupt of another thread and a thread that never was', async () => {
    const { graph, calls } = wipeTool();
    const saver = new MemorySaver();
    const id = await graph.ask({ approval, actions: [apollo] }, { thread, saver });
    await graph.ask({ approval, actions: [zeus] }, { thread: 'approval:other', saver });
    for (const wrong of ['approval:other', 'approval:never']) {
      const decided = graph.decide(id, approve(apollo), { thread: wrong, saver, permit: freely, signal });
      await expect(decided).rejects.toThrow(`does not wait on interrupt ${id}`);
    }
    expect(calls).toEqual([]);
  });

  it.each(['reject', 'respond'] as const)('runs nothing on %s', async (decision) => {
    const { graph, calls } = wipeTool();
    const saver = new MemorySaver();
    const id = await graph.ask({ approval, actions: [apollo] }, { thread, saver });
    const results = await graph.decide(
      id,
      { decision, ...who, text: 'why' },
      { thread, saver, permit: freely, signal },
    );
    expect(results).toEqual([]);
    expect(calls).toEqual([]);
  });

  it('runs an edited action whose digest is its own', async () => {
    const { graph, calls } = wipeTool();
    const saver = new MemorySaver();
    const id = await graph.ask({ approval, actions: [apollo] }, { thread, saver });
    const edit: ActionDecision = { decision: 'edit', ...who, actions: [zeus] };
    const results = await graph.decide(id, edit, { thread, saver, permit: freely, signal });
    expect(results.map(({ status }) => status)).toEqual(['done']);
    expect(calls).toEqual([{ args: { project: 'Zeus' }, key: `${approval}:0` }]);
  });

  it.each<[string, ActionDecision]>([
    ['another action than was asked for', approve(zeus)],
    ['more actions than were asked for', approve(apollo, apollo)],
    ['a digest of another action', approve({ ...zeus, digest: apollo.digest })],
    ['an edit to another tool', { decision: 'edit', ...who, actions: [actionOf('format', {})] }],
    ['an edit with bad arguments', { decision: 'edit', ...who, actions: [actionOf('wipe', { project: 7 })] }],
    [
      'an edit with a wrong digest',
      { decision: 'edit', ...who, actions: [{ ...zeus, digest: apollo.digest }] },
    ],
  ])('refuses %s', async (_, decision) => {
    const { graph, calls } = wipeTool();
    const saver = new MemorySaver();
    const id = await graph.ask({ approval, actions: [apollo] }, { thread, saver });
    const results = await graph.decide(id, decision, { thread, saver, permit: freely, signal });
    expect(results.every(({ status }) => status === 'refused')).toBe(true);
    expect(calls).toEqual([]);
  });

  it('refuses all actions of an approval when one of them is not allowed', async () => {
    const { graph, calls } = wipeTool();
    const saver = new MemorySaver();
    const id = await graph.ask({ approval, actions: [apollo, zeus] }, { thread, saver });
    const results = await graph.decide(id, approve(apollo, apollo), {
      thread,
      saver,
      permit: freely,
      signal,
    });
    expect(results.map(({ status }) => status)).toEqual(['refused', 'refused']);
    expect(calls).toEqual([]);
  });

  it('refuses when fewer actions are approved than were asked for', async () => {
    const { graph, calls } = wipeTool();
    const saver = new MemorySaver();
    const id = await graph.ask({ approval, actions: [apollo, zeus] }, { thread, saver });
    const results = await graph.decide(id, approve(apollo), { thread, saver, permit: freely, signal });
    expect(results.map(({ status }) => status)).toEqual(['refused']);
    expect(calls).toEqual([]);
  });

  it('gives the recorded result where the permit says that the action has run', async () => {
    const { graph, calls } = wipeTool();
    const saver = new MemorySaver();
    const id = await graph.ask({ approval, actions: [apollo] }, { thread, saver });
    const permit: Permit = { start: async () => ({ alreadyDone: { status: 'done', text: 'before' } }) };
    const results = await graph.decide(id, approve(apollo), { thread, saver, permit, signal });
    expect(results).toEqual([{ status: 'done', text: 'before' }]);
    expect(calls).toEqual([]);
  });

  it('runs nothing of a tool that is switched off, does not use its permit up, and says who did it', async () => {
    const { tool, calls } = wipeTool();
    const off = { scope: 'tool', name: 'wipe', by: 'cli:ana', because: 'it is broken', at: who.at } as const;
    const switches = { off: () => off };
    const graph = buildActionGraph({ tools: createToolRegistry([tool]), switches });
    const saver = new MemorySaver();
    const id = await graph.ask({ approval, actions: [apollo, apollo] }, { thread, saver });
    let started = 0;
    const permit: Permit = {
      start: async () => {
        started += 1;
        return 'go';
      },
    };
    const results = await graph.decide(id, approve(apollo, apollo), { thread, saver, permit, signal });
    expect(results.map(({ status }) => status)).toEqual(['refused', 'skipped']);
    expect(results[0]?.text).toMatch(/by cli:ana .*it is broken.*ask again/);
    expect([started, calls]).toEqual([0, []]);
  });

  it('runs nothing for a room that is switched off, and everything for the others', async () => {
    const { tool, calls } = wipeTool();
    const off = { scope: 'room', name: '!off:a', by: 'cli:ana', because: 'a flood', at: who.at } as const;
    const switches = {
      off: (scope: string, name: string) => (scope + name === 'room!off:a' ? off : undefined),
    };
    const graph = buildActionGraph({ tools: createToolRegistry([tool]), switches });
    for (const [room, status] of [
      ['!off:a', 'refused'],
      ['!on:a', 'done'],
    ] as const) {
      const saver = new MemorySaver();
      const id = await graph.ask({ approval, actions: [apollo] }, { thread, saver });
      const grant = { thread, saver, permit: freely, signal, room };
      const [result] = await graph.decide(id, approve(apollo), grant);
      expect(result?.status).toBe(status);
      if (status === 'refused')
        expect(result?.text).toMatch(/^This room is switched off by cli:ana .*a flood/);
    }
    expect(calls).toHaveLength(1);
  });

  it('tells what became of an action that had begun when its tool was switched off, and runs it no more', async () => {
    const { tool, calls } = wipeTool({ isRepeatable: true });
    const off = { scope: 'tool', name: 'wipe', by: 'cli:ana', because: 'it is broken', at: who.at } as const;
    const graph = buildActionGraph({ tools: createToolRegistry([tool]), switches: { off: () => off } });
    for (const [before, status] of [
      ['unknown', 'unknown'],
      [{ alreadyDone: { status: 'done', text: 'before' } }, 'done'],
    ] as const) {
      const saver = new MemorySaver();
      const id = await graph.ask({ approval, actions: [apollo] }, { thread, saver });
      const permit: Permit = { start: async () => before, hasStarted: () => true };
      const results = await graph.decide(id, approve(apollo), { thread, saver, permit, signal });
      expect(results.map((result) => result.status)).toEqual([status]);
    }
    expect(calls).toEqual([]);
  });

  it('never runs a tool again whose earlier run left no result, unless it is repeatable', async () => {
    const permit: Permit = { start: async () => 'unknown' };
    for (const isRepeatable of [false, true]) {
      const { graph, calls } = wipeTool({ isRepeatable });
      const saver = new MemorySaver();
      const id = await graph.ask({ approval, actions: [apollo] }, { thread, saver });
      const results = await graph.decide(id, approve(apollo), { thread, saver, permit, signal });
      expect(results.map(({ status }) => status)).toEqual([isRepeatable ? 'done' : 'unknown']);
      expect(calls).toHaveLength(isRepeatable ? 1 : 0);
    }
  });

  it.each([
    ['is refused now', [apollo], approve(zeus), ['unknown']],
    ['would be skipped now', [apollo, zeus], approve(apollo, zeus), ['unknown', 'unknown']],
  ])(
    'never says that it did not run of what was started before and %s',
    async (_, asked, decision, statuses) => {
      const { graph, calls } = wipeTool();
      const saver = new MemorySaver();
      const id = await graph.ask({ approval, actions: asked }, { thread, saver });
      const permit: Permit = { start: async () => 'unknown', hasStarted: () => true };
      const results = await graph.decide(id, decision, { thread, saver, permit, signal });
      expect(results.map(({ status }) => status)).toEqual(statuses);
      expect(results[0]?.text).toContain('was started before and its result was lost');
      expect(calls).toEqual([]);
    },
  );

  it('takes the permit before the tool is called', async () => {
    const order: string[] = [];
    const run = async (): Promise<{ text: string }> => {
      order.push('run');
      return { text: 'ok' };
    };
    const { graph } = wipeTool({ run });
    const permit: Permit = {
      start: async (index) => {
        order.push(`permit ${index}`);
        return 'go';
      },
    };
    const saver = new MemorySaver();
    const id = await graph.ask({ approval, actions: [apollo, zeus] }, { thread, saver });
    await graph.decide(id, approve(apollo, zeus), { thread, saver, permit, signal });
    expect(order).toEqual(['permit 0', 'run', 'permit 1', 'run']);
  });

  it('calls an unrepeatable tool once, and its fate is unknown, when it gives no answer in time', async () => {
    let calls = 0;
    const run = (_: unknown, call: ToolCall): Promise<never> => {
      calls += 1;
      return new Promise((_resolve, reject) => {
        call.signal.addEventListener('abort', () => reject(call.signal.reason));
      });
    };
    const { graph } = wipeTool({ run, timeoutMs: 30 });
    const saver = new MemorySaver();
    const id = await graph.ask({ approval, actions: [apollo] }, { thread, saver });
    const results = await graph.decide(id, approve(apollo), { thread, saver, permit: freely, signal });
    expect(results).toEqual([{ status: 'unknown', text: '`wipe` gave no answer within 0.03 s' }]);
    expect(calls).toBe(1);
  });

  it('calls a repeatable tool again with the same key when its fate is unknown', async () => {
    const keys: string[] = [];
    const run = async (_: unknown, call: ToolCall): Promise<{ text: string }> => {
      keys.push(call.idempotencyKey);
      if (keys.length < 2) throw new ToolError('wipe', 'connection reset', { wasApplied: 'unknown' });
      return { text: 'ok' };
    };
    const { graph } = wipeTool({ run, isRepeatable: true });
    const saver = new MemorySaver();
    const id = await graph.ask({ approval, actions: [apollo] }, { thread, saver });
    const results = await graph.decide(id, approve(apollo), { thread, saver, permit: freely, signal });
    expect(results).toEqual([{ status: 'done', text: 'ok' }]);
    expect(keys).toEqual([`${approval}:0`, `${approval}:0`]);
  });

  it.each([
    ['a call before it was lost', ['lost', 'away', 'away'], 'go', 'lost'],
    ['a run before it was lost', ['away', 'away', 'away'], 'unknown', 'its result was lost'],
  ] as const)(
    'keeps a fate unknown where %s and the next ones come to nothing',
    async (_, ways, start, words) => {
      const left = [...ways];
      const run = async (): Promise<never> => {
        const wasApplied = left.shift() === 'lost' ? 'unknown' : 'no';
        throw new ToolError('wipe', wasApplied === 'no' ? 'Nothing was run' : 'lost', {
          wasApplied,
          retryable: true,
        });
      };
      const { graph } = wipeTool({ run, isRepeatable: true });
      const saver = new MemorySaver();
      const id = await graph.ask({ approval, actions: [apollo] }, { thread, saver });
      const permit: Permit = { start: async () => start };
      const results = await graph.decide(id, approve(apollo), { thread, saver, permit, signal });
      expect(results).toEqual([{ status: 'unknown', text: expect.stringContaining(words) }]);
      expect(left).toEqual([]);
    },
  );

  it('keeps a fate unknown where the breaker is open for the next run', async () => {
    const { tool, calls } = wipeTool({ isRepeatable: true });
    const breakers = createBreakers({ threshold: 1 });
    const pass = breakers.start('wipe');
    if (!pass.isOpen) pass.settle('bad');
    const graph = buildActionGraph({ tools: createToolRegistry([tool]), breakers });
    const saver = new MemorySaver();
    const id = await graph.ask({ approval, actions: [apollo] }, { thread, saver });
    const permit: Permit = { start: async () => 'unknown' };
    const results = await graph.decide(id, approve(apollo), { thread, saver, permit, signal });
    expect([results.map(({ status }) => status), calls]).toEqual([['unknown'], []]);
  });

  it('skips what comes after an action that failed', async () => {
    const run = async (): Promise<never> => {
      throw new ToolError('wipe', 'No such project', { wasApplied: 'no' });
    };
    const { graph } = wipeTool({ run });
    const saver = new MemorySaver();
    const id = await graph.ask({ approval, actions: [apollo, zeus] }, { thread, saver });
    const results = await graph.decide(id, approve(apollo, zeus), { thread, saver, permit: freely, signal });
    expect(results.map(({ status }) => status)).toEqual(['failed', 'skipped']);
  });

  it('records nothing when the lease is lost while the tool runs', async () => {
    const lease = new AbortController();
    const run = async (): Promise<{ text: string }> => {
      lease.abort(new Error('lease lost'));
      throw new Error('whatever');
    };
    const { graph } = wipeTool({ run });
    const saver = new MemorySaver();
    const id = await graph.ask({ approval, actions: [apollo] }, { thread, saver });
    const decided = graph.decide(id, approve(apollo), {
      thread,
      saver,
      permit: freely,
      signal: lease.signal,
    });
    await expect(decided).rejects.toThrow('lease lost');
  });

  it('never lets arguments reach a tool that its schema refuses', async () => {
    const anything = fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 3 });
    await fc.assert(
      fc.asyncProperty(anything, fc.boolean(), async (args, isEdit) => {
        const { graph, calls } = wipeTool();
        const saver = new MemorySaver();
        const wild = actionOf('wipe', JSON.parse(JSON.stringify(args)));
        const id = await graph.ask({ approval, actions: [isEdit ? apollo : wild] }, { thread, saver });
        const decision: ActionDecision = { decision: isEdit ? 'edit' : 'approve', ...who, actions: [wild] };
        await graph.decide(id, decision, { thread, saver, permit: freely, signal });
        expect(calls.every(({ args: ran }) => argsSchema.safeParse(ran).success)).toBe(true);
        expect(calls.length).toBe(argsSchema.safeParse(args).success ? 1 : 0);
      }),
      { numRuns: 60 },
    );
  });
});
