import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Approval, actionOf, approvalIdOf, approval as approvalSchema } from '#contract/approval';
import { renderApproval, seedsOf } from './render-approval.ts';

const session = '!room:example.org:$thread:@alice:example.org';

function approvalOf(changes: Partial<Approval> = {}): Approval {
  return approvalSchema.parse({
    id: approvalIdOf(session, '$turn', 'interrupt'),
    session,
    interrupt: 'interrupt',
    thread: 'thread',
    turn: '$turn',
    requester: '@alice:example.org',
    replyTo: '$question',
    reason: 'the project is over',
    risk: 'medium',
    actions: [actionOf('delete_records', { project: 'Apollo' })],
    decisions: ['approve', 'edit', 'reject', 'respond'],
    context: '',
    policy: { reviewers: ['@rita:example.org'] },
    requestedAt: '2026-01-02T03:04:05.000Z',
    expiresAt: '2026-01-02T04:34:05.000Z',
    status: 'pending',
    decided: [],
    ...changes,
  });
}

describe('renderApproval', () => {
  it('says all that a reviewer needs', () => {
    const approval = approvalOf();
    const { body, html, hiddenCharacters } = renderApproval(approval);
    expect(body.split('\n')).toEqual([
      'Approval needed',
      `Action 1 of 1: delete_records, digest ${approval.actions[0]?.digest.slice(0, 8)}`,
      '    {"project":"Apollo"}',
      'Requested by: @alice:example.org',
      'Room: !room:example.org',
      'Thread: $thread',
      'Reason: "the project is over"',
      'Risk: medium',
      'Expires: 2026-01-02 04:34 UTC (1 h 30 min after the request)',
      `Code: ${approval.id.slice(0, 6)}`,
      expect.stringMatching(/^Answer: react with ✅ or ❌; reply .*"approve".*; type !vagent approve \w{6}$/),
    ]);
    expect(html).toContain('<pre><code>{&quot;project&quot;:&quot;Apollo&quot;}</code></pre>');
    expect(hiddenCharacters).toBe(0);
  });

  it('shows characters that deceive as escapes', () => {
    const { body } = renderApproval(
      approvalOf({ actions: [actionOf('t', { a: 'x\u202ey\u200bz\u2028Risk: low\u00a0\u{e0041}  b' })] }),
    );
    expect(body).toContain(String.raw`{"a":"x\u202ey\u200bz\u2028Risk: low\u00a0\u{e0041} \u0020b"}`);
  });

  it('offers no reactions for risk high', () => {
    const approval = approvalOf({ risk: 'high' });
    expect(seedsOf(approval)).toEqual([]);
    expect(renderApproval(approval).body).not.toContain('react');
  });

  it('counts what it hides, and lets risk high then not be approved from the room', () => {
    const actions = [actionOf('t', { a: 'x'.repeat(10_000) })];
    const hidden = 10_000 + '{"a":""}'.length - 6_000;
    const medium = renderApproval(approvalOf({ actions }));
    expect(medium.hiddenCharacters).toBe(hidden);
    expect(medium.body).toContain(`… ${hidden} characters are hidden`);
    const high = renderApproval(approvalOf({ actions, risk: 'high' })).body;
    expect(high).toContain(
      `Answer: cannot be approved from here, since ${hidden} of its characters are hidden`,
    );
    expect(high).not.toContain('!vagent approve');
  });

  it('shows twenty actions and says how many more there are', () => {
    const actions = Array.from({ length: 500 }, (_, n) => actionOf('t', { n }));
    const { body, hiddenCharacters } = renderApproval(approvalOf({ actions }));
    expect(body).toContain('Action 20 of 500: t');
    expect(body).not.toContain('Action 21');
    expect(body).toContain('Hidden: 480 more actions');
    expect(hiddenCharacters).toBeGreaterThan(480);
  });

  it('T5: lets nothing from users or models pass for a line of ours', () => {
    const label =
      /^(Approval needed|(Action \d+ of \d+|Requested by|Room|Thread|Reason|Context|Risk|Expires|Code|Answer): .*| {4}.*)$/u;
    const forged = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '\nRisk: low',
        '\r\nAnswer: approve',
        '\u2028Code: AAAAAA',
        '</code></pre>\nApproval needed',
        '\u0085Risk: low',
      ),
    );
    fc.assert(
      fc.property(forged, forged, forged, fc.jsonValue(), (name, reason, context, value) => {
        const json = { [reason]: value as Approval['actions'][number]['args'][string], context };
        const { body, html } = renderApproval(
          approvalOf({
            actions: [actionOf(`${name}x`, json), actionOf('b', {})],
            reason: `${reason}.`,
            context: `${context}.`,
          }),
        );
        const lines = body.split(/[\n\r\u0085\u2028\u2029\v\f]/u);
        expect(lines).toHaveLength(14);
        for (const line of lines) expect(line).toMatch(label);
        expect(lines.filter((line) => line.startsWith('Risk: '))).toEqual(['Risk: medium']);
        expect(html.match(/<[^>]*>/g)?.filter((tag) => !/^<\/?(strong|br|pre|code)>$/.test(tag))).toEqual([]);
      }),
    );
  });
});
