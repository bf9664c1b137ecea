import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ToolOutcome } from '#agents/specialists/agent';
import { actionOf, type Risk } from '#contract/approval';
import type { Json } from '#contract/canonical-json';
import type { Sop, SopStep } from '#playbook/agent-spec';
import { createProcedure } from './create-procedure.ts';
import type { ProcedureDeps } from './procedure.ts';
import type { KnownTool } from './tool-source.ts';
import type { Verifier } from './verifier.ts';

function tool(
  name: string,
  risk: Risk = 'low',
  required: readonly string[] = [],
): readonly [string, KnownTool] {
  return [name, { name, description: '', schema: {}, risk, args: required, required }];
}

function step(id: string, rest: Partial<SopStep> = {}): SopStep {
  return { id, does: `Does ${id}.`, tool: undefined, with: {}, verify: undefined, after: [], ...rest };
}

function sopOf(...steps: SopStep[]): Sop {
  return { id: 's', title: 'S', topics: [], keywords: [], steps, text: '' };
}

const never: Verifier = { name: 'never', description: '', verify: () => ({ hasPassed: false, why: 'No.' }) };
const onSecond: Verifier = {
  name: 'good',
  description: '',
  verify: ({ args }) => (args['n'] === 2 ? { hasPassed: true } : { hasPassed: false, why: 'Not yet.' }),
};

function procedureWith(sop: Sop | undefined, overrides: Partial<ProcedureDeps> = {}) {
  const ran: string[] = [];
  const procedure = createProcedure({
    sop,
    tools: new Map([tool('read'), tool('look'), tool('pay', 'medium')]),
    verifiers: new Map([
      ['never', never],
      ['good', onSecond],
    ]),
    callTool: async (name, args): Promise<ToolOutcome> => {
      if (name === 'pay') return { status: 'proposed', action: actionOf(name, args as Record<string, Json>) };
      ran.push(name);
      return { status: 'done', text: `${name} ran`, data: { found: name } };
    },
    request: 'please',
    entities: {},
    requester: undefined,
    ...overrides,
  });
  const statuses = (): readonly string[] =>
    procedure.report().steps.map(({ id, status }) => `${id} ${status}`);
  return { procedure, ran, statuses };
}

describe('createProcedure', () => {
  it('takes steps in the order of what they come after, not of the file', async () => {
    const { procedure, ran } = procedureWith(
      sopOf(step('b', { tool: 'look', after: ['a'] }), step('a', { tool: 'read' })),
    );
    await procedure.advance({ risky: true });
    expect(ran).toEqual(['read', 'look']);
  });

  it('stops where a check does not pass', async () => {
    const sop = sopOf(step('a', { tool: 'read', verify: 'never' }), step('b', { tool: 'pay', after: ['a'] }));
    const { procedure, statuses } = procedureWith(sop);
    await procedure.advance({ risky: true });
    expect(statuses()).toEqual(['a failed', 'b skipped']);
    expect(procedure.report()).toMatchObject({ actions: [], obstacles: ['No.'] });
  });

  it.each([
    ['a check that nobody registered', step('a', { tool: 'read', verify: 'made_up' })],
    ['a step that does not exist', step('a', { tool: 'read', after: ['ghost'] })],
    ['a step after itself', step('a', { tool: 'read', after: ['a'] })],
    ['a step whose tool the agent has not', step('a', { tool: 'launch' })],
  ])('never passes %s', async (_, first) => {
    const { procedure } = procedureWith(sopOf(first, step('b', { tool: 'pay', after: ['a'] })));
    await procedure.advance({ risky: true });
    const asked = await procedure.call('pay', {});
    expect([asked.status, procedure.report().actions]).toEqual(['refused', []]);
  });

  it('judges a step without a tool by what was found before it', async () => {
    const seen: Json[] = [];
    const note: Verifier = {
      name: 'note',
      description: '',
      verify: ({ data }) => {
        seen.push(data);
        return { hasPassed: true };
      },
    };
    const sop = sopOf(
      step('a', { tool: 'read' }),
      step('b', { verify: 'note', after: ['a'] }),
      step('c', { tool: 'pay', after: ['b'] }),
    );
    const { procedure, statuses } = procedureWith(sop, { verifiers: new Map([['note', note]]) });
    await procedure.advance({ risky: true });
    expect([seen, statuses()]).toEqual([[{ found: 'read' }], ['a passed', 'b passed', 'c proposed']]);
  });

  it('leaves risky steps to the model where it is told to', async () => {
    const { procedure, statuses } = procedureWith(sopOf(step('a', { tool: 'pay' })));
    await procedure.advance({ risky: false });
    expect(statuses()).toEqual(['a skipped']);
    expect((await procedure.call('pay', {})).status).toBe('proposed');
  });

  it('lets a model try a failed step again, and nothing before it has passed', async () => {
    const sop = sopOf(step('a', { tool: 'read', verify: 'good' }), step('b', { tool: 'pay', after: ['a'] }));
    const { procedure } = procedureWith(sop);
    const status = async (name: string, args: Json): Promise<string> =>
      (await procedure.call(name, args)).status;
    expect(await status('read', { n: 1 })).toBe('done');
    expect(await status('pay', {})).toBe('refused');
    expect(await status('read', { n: 2 })).toBe('done');
    expect(await status('pay', {})).toBe('proposed');
    expect(await status('pay', {})).toBe('refused');
  });

  it('refuses a low-risk tool too, before its step is due', async () => {
    const sop = sopOf(
      step('a', { tool: 'read', verify: 'never' }),
      step('b', { tool: 'look', after: ['a'] }),
    );
    const { procedure, ran } = procedureWith(sop);
    expect((await procedure.call('look', {})).text).toContain('has not passed');
    expect(ran).toEqual([]);
  });

  it('runs beside the procedure what is harmless, and nothing else', async () => {
    const { procedure } = procedureWith(undefined);
    expect((await procedure.call('read', {})).status).toBe('done');
    expect((await procedure.call('pay', {})).status).toBe('refused');
    expect(procedure.report().steps).toEqual([
      { id: 'read', tool: 'read', status: 'passed', text: 'read ran' },
    ]);
  });

  it('holds to what the SOP writes', async () => {
    const sop = sopOf(step('a', { tool: 'pay', with: { to: 'ann', sum: '{entities.sum}' } }));
    const entities = { sum: [49] };
    const { procedure } = procedureWith(sop, { entities });
    expect((await procedure.call('pay', { to: 'bob', sum: 49 })).text).toContain('to has to be "ann"');
    expect((await procedure.call('pay', { sum: 50 })).status).toBe('refused');
    await procedure.call('pay', {});
    expect(procedure.report().actions).toEqual([actionOf('pay', { to: 'ann', sum: 49 })]);
  });

  it('never guesses for whom something risky is', async () => {
    const sop = sopOf(step('a', { tool: 'grant' }));
    const tools = new Map([tool('grant', 'medium', ['username'])]);
    const { procedure } = procedureWith(sop, { tools, entities: { username: ['dana'] } });
    await procedure.advance({ risky: true });
    expect(procedure.report()).toMatchObject({ actions: [], missing: ['username'] });
  });

  it('whatever is asked for in whatever order, a risky step is proposed only after all before it have passed', async () => {
    const sop = sopOf(
      step('a', { tool: 'read', verify: 'good' }),
      step('b', { tool: 'look', after: ['a'] }),
      step('c', { tool: 'pay', after: ['a', 'b'] }),
    );
    const asked = fc.record({
      name: fc.constantFrom('read', 'look', 'pay', 'launch'),
      n: fc.constantFrom(1, 2),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(asked, { maxLength: 12 }), async (calls) => {
        const { procedure } = procedureWith(sop);
        for (const { name, n } of calls) {
          await procedure.call(name, { n });
          const { steps, actions } = procedure.report();
          const passed = steps.filter(({ id, status }) => (id === 'a' || id === 'b') && status === 'passed');
          if (actions.length > 0) expect(passed).toHaveLength(2);
        }
      }),
    );
  });
});
