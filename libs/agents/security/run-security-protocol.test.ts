import { describe, expect, it } from 'vitest';
import type { ToolOutcome } from '#agents/specialists/agent';
import { actionOf, type Risk } from '#contract/approval';
import type { Json } from '#contract/canonical-json';
import type { Analysis, RiskCategory, Sensitivity, Urgency } from '#dialogue/understanding/understanding';
import type { Policies } from '#playbook/policies';
import { type ProtocolInput, runSecurityProtocol } from './run-security-protocol.ts';

const names: Readonly<Record<string, { risk: Risk; arg: string }>> = {
  revoke_token: { risk: 'low', arg: 'fingerprint' },
  read_audit_log: { risk: 'low', arg: 'subject' },
  find_account: { risk: 'low', arg: 'username' },
  reset_two_factor: { risk: 'high', arg: 'username' },
};

const limits = { tokensPerDay: undefined, costPerDay: undefined, stepsPerDay: undefined };
const policies: Policies = {
  messages: { doubleText: 'enqueue', rooms: {}, onRedaction: 'withdraw_answer' },
  review: { rounds: 3, forbidden: [], links: [] },
  privacy: { email: 'token', phone: 'token', card: 'token', iban: 'token', ip: 'token', api_key: 'hash' },
  security: { threshold: 0.85, tools: { token_exposure: Object.keys(names), account_takeover: ['gone'] } },
  budgets: { user: limits, room: limits, prices: {} },
  memory: { ttlSeconds: 1, pattern: { users: 3, withinSeconds: 1 } },
  takeoverIdleSeconds: 1,
};

function analysisOf(sensitivity: Partial<Sensitivity> = {}, urgency: Urgency = 'normal'): Analysis {
  const riskCategory: RiskCategory = 'token_exposure';
  return {
    topics: [],
    urgency,
    tone: 'neutral',
    sensitivity: { isSensitive: true, riskCategory, confidence: 0.95, entities: [], ...sensitivity },
  };
}

function protocolWith(overrides: Partial<ProtocolInput> = {}) {
  const called: { name: string; args: unknown; key: string }[] = [];
  const input: ProtocolInput = {
    analysis: analysisOf(),
    entities: { fingerprint: ['ab12'], username: ['ann'] },
    sender: '@ann:example.org',
    playbook: { policies, toolPolicies: new Map() },
    tools: {
      get: (name) => names[name],
      descriptions: () =>
        Object.entries(names).map(([name, { arg }]) => ({
          name,
          description: '',
          schema: { type: 'object', properties: { [arg]: { type: 'string' } }, required: [arg] },
        })),
    },
    callTool: async (name, args, key): Promise<ToolOutcome> => {
      called.push({ name, args, key });
      if (names[name]?.risk !== 'low')
        return { status: 'proposed', action: actionOf(name, args as Record<string, Json>) };
      return { status: 'done', text: `${name} is done`, data: null };
    },
    signal: new AbortController().signal,
    ...overrides,
  };
  return { called, run: () => runSecurityProtocol(input) };
}

describe('runSecurityProtocol', () => {
  it('does nothing for a message that is no security case', async () => {
    for (const analysis of [analysisOf({ riskCategory: 'none' }), analysisOf({ isSensitive: false })]) {
      const { called, run } = protocolWith({ analysis });
      expect([await run(), called]).toEqual([
        { findings: [], actions: [], isCautious: false, markdown: '' },
        [],
      ]);
    }
  });

  it('runs for a critical message with a category even when it is not marked as sensitive', async () => {
    const { called, run } = protocolWith({ analysis: analysisOf({ isSensitive: false }, 'critical') });
    await run();
    expect(called.length).toBeGreaterThan(0);
  });

  it('runs all tools of the category with what the message names, and proposes what is risky', async () => {
    const { called, run } = protocolWith();
    const { findings, actions, markdown } = await run();
    expect(called.map(({ name, args }) => [name, args])).toEqual([
      ['revoke_token', { fingerprint: 'ab12' }],
      ['read_audit_log', { subject: 'ab12' }],
      ['find_account', { username: 'ann' }],
      ['reset_two_factor', { username: 'ann' }],
    ]);
    expect(findings.map(({ status }) => status)).toEqual(['done', 'done', 'done', 'proposed']);
    expect(actions).toEqual([actionOf('reset_two_factor', { username: 'ann' })]);
    expect(markdown).toContain('revoke_token is done');
  });

  it('calls them in parallel, under keys that stay the same', async () => {
    let open = 0;
    let most = 0;
    const gate = Promise.withResolvers<void>();
    const callTool: ProtocolInput['callTool'] = async () => {
      open += 1;
      most = Math.max(most, open);
      if (open === 4) gate.resolve();
      await gate.promise;
      return { status: 'done', text: '', data: null };
    };
    await protocolWith({ callTool }).run();
    const keys = async (): Promise<readonly string[]> => {
      const { called, run } = protocolWith();
      await run();
      return called.map(({ key }) => key);
    };
    expect([most, await keys()]).toEqual([4, await keys()]);
  });

  it('goes on when one fails and another hangs', async () => {
    const callTool: ProtocolInput['callTool'] = (name) => {
      if (name === 'revoke_token') return Promise.reject(new TypeError('secret detail'));
      if (name === 'read_audit_log') return Promise.withResolvers<ToolOutcome>().promise;
      return Promise.resolve({ status: 'done', text: 'ok', data: null });
    };
    const { findings, markdown } = await protocolWith({ callTool, timeoutMs: 20 }).run();
    expect(findings.map(({ status }) => status)).toEqual(['failed', 'failed', 'done', 'done']);
    expect(markdown).toContain('took too long');
    expect(markdown).not.toContain('secret detail');
  });

  it('changes nothing where the category is not certain', async () => {
    const { called, run } = protocolWith({ analysis: analysisOf({ confidence: 0.6 }) });
    const { isCautious, actions } = await run();
    expect([called.map(({ name }) => name), isCautious, actions]).toEqual([
      ['read_audit_log', 'find_account'],
      true,
      [],
    ]);
  });

  it('says what it could not do for want of a name, and takes the sender for a subject', async () => {
    const { called, run } = protocolWith({ entities: {} });
    const { findings } = await run();
    expect(called.map(({ args }) => args)).toEqual([{ subject: '@ann:example.org' }]);
    expect(findings[0]).toMatchObject({ status: 'skipped', text: expect.stringContaining('fingerprint') });
  });

  it('contains every one of several tokens, but not without end', async () => {
    const fingerprint = Array.from({ length: 20 }, (_, index) => `f${index}`);
    const { called, run } = protocolWith({ entities: { fingerprint } });
    await run();
    const revoked = called.filter(({ name }) => name === 'revoke_token').map(({ args }) => args);
    expect(revoked).toEqual(fingerprint.slice(0, 10).map((one) => ({ fingerprint: one })));
  });

  it('tells of a tool that is not there', async () => {
    const { run } = protocolWith({ analysis: analysisOf({ riskCategory: 'account_takeover' }) });
    expect((await run()).findings).toEqual([expect.objectContaining({ tool: 'gone', status: 'skipped' })]);
  });

  it('ends with the turn', async () => {
    const turn = new AbortController();
    const callTool: ProtocolInput['callTool'] = () => {
      turn.abort(new Error('lease lost'));
      return Promise.withResolvers<ToolOutcome>().promise;
    };
    await expect(protocolWith({ callTool, signal: turn.signal }).run()).rejects.toThrow('lease lost');
  });
});
