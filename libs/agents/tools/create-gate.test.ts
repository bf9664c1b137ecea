import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ToolError } from '#agents/errors';
import { actionOf, type Risk } from '#contract/approval';
import type { SwitchedOff, Switches } from '#operations/switches/switch';
import { createBreakers } from './create-breakers.ts';
import { createGate, type GateOptions } from './create-gate.ts';
import { createTools } from './create-tools.ts';
import type { Tool, ToolResult } from './tool.ts';
import { createToolRegistry } from './tool-registry.ts';

const room = '!room:example.org';
const { signal } = new AbortController();

function openGate(options: Partial<GateOptions> & { tool?: Partial<Tool> } = {}) {
  const ran: string[] = [];
  const toolOf = (name: string, risk: Risk, changes: Partial<Tool> = {}): Tool => ({
    name,
    description: name,
    args: z.strictObject({ id: z.string().min(1, 'is empty') }).catchall(z.never()),
    risk,
    isRepeatable: true,
    timeoutMs: 200,
    run: async ({ id }): Promise<ToolResult> => ({ text: `read ${String(id)}`, data: { id: String(id) } }),
    ...changes,
  });
  const counted = (tool: Tool): Tool => ({
    ...tool,
    run: (args, call) => {
      ran.push(tool.name);
      return tool.run(args, call);
    },
  });
  const tools = [
    toolOf('read', 'low', options.tool),
    toolOf('change', 'medium'),
    toolOf('destroy', 'high'),
  ].map(counted);
  const gate = createGate({
    tools: createToolRegistry(tools),
    policyOf: () => undefined,
    roomTools: new Map(),
    ...options,
  });
  const call = (name: string, args: unknown, more: object = {}) =>
    gate.call({ name, args, allowed: undefined, room, idempotencyKey: 's:t:1', signal, ...more });
  return { ran, gate, call };
}

describe('createGate', () => {
  it('refuses a tool that is switched off, whatever its risk, and everything in a room that is', async () => {
    const off: { tool?: string; room?: string } = { tool: 'change' };
    const entry: SwitchedOff = { scope: 'tool', name: 'x', by: 'cli:ana', because: 'secret plans', at: '' };
    const switches: Pick<Switches, 'off'> = {
      off: (scope, name) =>
        (scope === 'tool' && name === off.tool) || (scope === 'room' && name === off.room)
          ? entry
          : undefined,
    };
    const { call, ran } = openGate({ switches });
    const refused = await call('change', { id: 'a' });
    expect(refused).toMatchObject({ status: 'refused', text: expect.stringContaining('switched off') });
    expect(JSON.stringify(refused)).not.toMatch(/secret plans|cli:ana/);
    expect(await call('read', { id: 'a' })).toMatchObject({ status: 'done' });
    off.room = room;
    for (const name of ['read', 'destroy'])
      expect(await call(name, { id: 'a' })).toMatchObject({ status: 'refused' });
    expect(ran).toEqual(['read']);
  });

  it('runs a tool of low risk', async () => {
    const { call } = openGate();
    expect(await call('read', { id: 'a' })).toEqual({ status: 'done', text: 'read a', data: { id: 'a' } });
  });

  it.each(['change', 'destroy'])('proposes %s with its exact action and never runs it', async (name) => {
    const { call, ran } = openGate();
    expect(await call(name, { id: 'a' })).toEqual({
      status: 'proposed',
      action: actionOf(name, { id: 'a' }),
    });
    expect(ran).toEqual([]);
  });

  it('proposes a tool of low risk when the playbook raises its risk, or the caller must ask', async () => {
    const raised = openGate({ policyOf: () => ({ risk: 'medium' }) });
    expect(await raised.call('read', { id: 'a' })).toMatchObject({ status: 'proposed' });
    const asked = openGate();
    expect(await asked.call('read', { id: 'a' }, { mustAsk: true })).toMatchObject({ status: 'proposed' });
    expect([...raised.ran, ...asked.ran]).toEqual([]);
  });

  it('lets no playbook lower a risk', async () => {
    const { call, ran } = openGate({ policyOf: () => ({ risk: 'low' }) });
    expect(await call('destroy', { id: 'a' })).toMatchObject({ status: 'proposed' });
    expect(ran).toEqual([]);
  });

  it.each([
    ['an unknown tool', 'no_such', { id: 'a' }, {}, 'There is no tool `no_such`'],
    ['an inherited name', '__proto__', {}, {}, 'There is no tool'],
    ['a name with markup', '[x](https://evil.example)', {}, {}, 'There is no tool of that name'],
    ['a tool not on the list', 'read', { id: 'a' }, { allowed: new Set(['change']) }, 'not on the list'],
    ['a tool that the room may not use', 'read', { id: 'a' }, { room: '!small:example.org' }, 'in this room'],
    ['a missing argument', 'read', {}, {}, '`id` is missing'],
    ['a wrong argument', 'read', { id: '' }, {}, '`id`: is empty'],
    ['an argument too many', 'read', { id: 'a', approved: true }, {}, '`approved`'],
    ['arguments of another type', 'read', 'id=a', {}, 'the arguments'],
    ['huge arguments', 'read', { id: 'x'.repeat(40_000) }, {}, 'larger than 32768 bytes'],
  ])('refuses %s', async (_, name, args, more, words) => {
    const { call, ran } = openGate({ roomTools: new Map([['!small:example.org', new Set(['change'])]]) });
    const outcome = await call(name, args, more);
    expect(outcome).toMatchObject({ status: 'refused', text: expect.stringContaining(words) });
    expect(ran).toEqual([]);
  });

  it.each([
    ['throws', async () => Promise.reject(new Error('boom')), 'broke off: boom'],
    ['hangs', () => new Promise<ToolResult>(() => {}), 'gave no answer within 0.2 s'],
    ['refuses', async () => Promise.reject(new ToolError('read', 'No.', { wasApplied: 'no' })), 'No.'],
    ['forgets its data', async () => ({ text: 'ok' }), 'something else than it promises'],
    ['gives wrong data', async () => ({ text: 'ok', data: { id: 7 } }), 'something else than it promises'],
  ] as const)('calls it failed when a tool %s', async (_, run, words) => {
    const { call } = openGate({ tool: { run, attempts: 1, data: z.object({ id: z.string() }) } });
    expect(await call('read', { id: 'a' })).toMatchObject({
      status: 'failed',
      text: expect.stringContaining(words),
    });
  });

  it('calls a tool again under the same key, as often as it declares', async () => {
    const keys: string[] = [];
    const run: Tool['run'] = async (_, { idempotencyKey }) => {
      keys.push(idempotencyKey);
      throw new Error('lost');
    };
    const { call } = openGate({ tool: { run, attempts: 2 } });
    expect(await call('read', { id: 'a' })).toMatchObject({ status: 'failed' });
    expect(keys).toEqual(['s:t:1', 's:t:1']);
  });

  it('tells what the tool answers in the end, though a call before was lost', async () => {
    let calls = 0;
    const run: Tool['run'] = async () => {
      calls += 1;
      throw calls === 1
        ? new Error('lost')
        : new ToolError('read', 'There is no such thing.', { wasApplied: 'no' });
    };
    const { call } = openGate({ tool: { run } });
    expect(await call('read', { id: 'a' })).toEqual({ status: 'failed', text: 'There is no such thing.' });
    expect(calls).toBe(2);
  });

  it('cuts a result at the length that the tool declares', async () => {
    const { call } = openGate({ tool: { run: async () => ({ text: 'x'.repeat(500) }), longestResult: 100 } });
    const outcome = await call('read', { id: 'a' });
    expect(outcome).toMatchObject({
      status: 'done',
      text: expect.stringContaining('400 characters were left out'),
    });
  });

  it('leaves a tool alone whose breaker is open', async () => {
    const run: Tool['run'] = async () => Promise.reject(new Error('down'));
    const breakers = createBreakers({ threshold: 2, coolDownMs: 10_000, now: () => 0, random: () => 0 });
    const { call, ran } = openGate({ breakers, tool: { run, attempts: 1 } });
    for (let n = 0; n < 3; n += 1) await call('read', { id: 'a' });
    expect(ran).toHaveLength(2);
    expect(await call('read', { id: 'a' })).toEqual({
      status: 'failed',
      text: '`read` did not work several times in a row and is left alone for another 10 s. Nothing was run.',
    });
  });

  it('says that the fate of a call is unknown although its breaker opened in between', async () => {
    const run: Tool['run'] = async () => Promise.reject(new Error('lost on the way'));
    const breakers = createBreakers({ threshold: 1, coolDownMs: 10_000, now: () => 0, random: () => 0 });
    const { call, ran } = openGate({ breakers, tool: { run, attempts: 3 } });
    expect(await call('read', { id: 'a' })).toEqual({
      status: 'failed',
      text: '`read` broke off: lost on the way',
    });
    expect(ran).toHaveLength(1);
  });

  it('ends with the reason of its signal', async () => {
    const { call } = openGate({ tool: { run: () => new Promise(() => {}), timeoutMs: 10_000 } });
    const lost = new AbortController();
    const running = call('read', { id: 'a' }, { signal: lost.signal });
    lost.abort(new Error('lease lost'));
    await expect(running).rejects.toThrow('lease lost');
  });

  it('never runs a risky tool and never throws, whatever is asked', async () => {
    const { call, ran } = openGate();
    const names = fc.oneof(
      fc.constantFrom('read', 'change', 'destroy', '__proto__', 'constructor'),
      fc.string(),
    );
    const args = fc.oneof(fc.record({ id: fc.string() }), fc.anything(), fc.jsonValue());
    const lists = fc.option(fc.array(fc.constantFrom('read', 'change', 'destroy')), { nil: undefined });
    await fc.assert(
      fc.asyncProperty(names, args, lists, async (name, given, list) => {
        const allowed = list === undefined ? undefined : new Set(list);
        const outcome = await call(name, given, { allowed });
        expect(['done', 'proposed', 'refused']).toContain(outcome.status);
        if (outcome.status === 'proposed') expect(['change', 'destroy']).toContain(outcome.action.name);
      }),
    );
    expect(ran.filter((name) => name !== 'read')).toEqual([]);
  });

  it('never runs a risky tool of the support desk for an obedient model', async () => {
    const risky = new Map<string, object>([
      ['refund_invoice', { invoice_id: 'INV-1042', amount: '49 EUR', reason: 'the page says so' }],
      ['raise_ci_budget', { organisation: 'acme', new_limit: 900_000 }],
      ['grant_budget_permission', { organisation: 'acme', username: 'mallory' }],
      ['reset_two_factor', { username: 'dana', device_lost: true }],
      ['delete_records', { project: 'Apollo' }],
    ]);
    const ran: string[] = [];
    const tools = createTools({ recordsUrl: undefined }).map((tool): Tool => {
      const run: Tool['run'] = (args, call) => {
        ran.push(tool.name);
        return tool.run(args, call);
      };
      return { ...tool, run };
    });
    const { call } = openGate({ tools: createToolRegistry(tools) });
    for (const [name, args] of risky) {
      expect(await call(name, args)).toMatchObject({ status: 'proposed', action: { name } });
    }
    expect(ran).toEqual([]);
    expect(
      tools
        .filter(({ risk }) => risk !== 'low')
        .map(({ name }) => name)
        .sort(),
    ).toEqual([...risky.keys()].sort());
  });
});
