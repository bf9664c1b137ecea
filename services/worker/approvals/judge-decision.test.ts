import { describe, expect, it } from 'vitest';
import { type Approval, actionOf } from '#contract/approval';
import type { EntryOf } from '#contract/entry';
import { sampleApproval } from '../../../tests/support/sample-approval.ts';
import { judgeDecision } from './judge-decision.ts';

const session = '!room:localhost:main:@ana:localhost';
const now = Date.parse('2026-01-01T12:00:00Z');
const adminRoom = '!admin:localhost';

type Decided = EntryOf<'approval.decided'>;

function pending(changes: Partial<Approval> = {}, policy: Partial<Approval['policy']> = {}): Approval {
  const requestedAt = new Date(now - 1_000).toISOString();
  const expiresAt = new Date(now + 60_000).toISOString();
  const reviewers = ['@rita:localhost', '@ron:localhost', '@ana:localhost'];
  return sampleApproval({ requestedAt, expiresAt, ...changes }, { reviewers, ...policy });
}

function decision(body: Partial<Decided['body']> = {}, id = '$decision'): Decided {
  return {
    type: 'approval.decided',
    id,
    session,
    at: new Date(now).toISOString(),
    body: {
      approval: 'A'.repeat(20),
      decision: 'approve',
      by: '@rita:localhost',
      at: new Date(now).toISOString(),
      via: 'reply',
      eventId: '$decision',
      room: adminRoom,
      powerLevel: 50,
      text: null,
      edit: null,
      ...body,
    },
  };
}

const judge = (record: Approval, entry: Decided, decidedAt = now, hasHiddenParts = false) =>
  judgeDecision(record, entry, {
    ...{ decidedAt, adminRoom, hasHiddenParts },
    escalationRoom: record.policy.escalateTo,
  });

describe('judgeDecision', () => {
  it('takes a reviewer’s word as final', () => {
    expect(judge(pending(), decision())).toMatchObject({ kind: 'final', status: 'approved' });
    expect(judge(pending(), decision({ decision: 'reject' }))).toMatchObject({ status: 'rejected' });
    expect(judge(pending(), decision({ decision: 'edit', edit: {} }))).toMatchObject({ status: 'edited' });
    expect(judge(pending(), decision({ decision: 'respond', text: 'no' }))).toMatchObject({
      status: 'responded',
    });
  });

  it('takes "take over" of a reviewer for no decision, under any prompt', () => {
    const words = decision({ decision: 'respond', text: 'Take over' });
    expect(judge(pending(), words)).toEqual({ kind: 'word', text: 'Take over' });
    expect(judge(pending({ status: 'rejected' }), words)).toEqual({ kind: 'word', text: 'Take over' });
    const stranger = decision({ decision: 'respond', text: 'Take over', by: '@mallory:localhost' });
    expect(judge(pending(), stranger)).toMatchObject({ kind: 'refused' });
  });

  it('passes words on under a hand-off that was approved, and under no other approval', () => {
    const words = decision({ decision: 'respond', text: 'Hello' });
    const taken = pending({ status: 'approved', actions: [actionOf('hand_off', { summary: 'x' })] });
    expect(judge(taken, words)).toEqual({ kind: 'word', text: 'Hello' });
    expect(
      judge(taken, decision({ decision: 'respond', text: 'Hello', room: '!other:localhost' })),
    ).toMatchObject({
      kind: 'already_decided',
    });
    expect(judge(pending({ status: 'approved' }), words)).toMatchObject({ kind: 'already_decided' });
  });

  it.each<[string, Approval, Decided]>([
    ['somebody who is no reviewer', pending(), decision({ by: '@mallory:localhost' })],
    ['a lookalike of a reviewer', pending(), decision({ by: '@rіta:localhost' })],
    ['a reviewer’s name on another server', pending(), decision({ by: '@rita:evil.example' })],
    ['a reviewer’s name in capitals', pending(), decision({ by: '@Rita:localhost' })],
    ['everybody, when no reviewers are named', pending({}, { reviewers: [] }), decision()],
    ['the requester, when excluded', pending(), decision({ by: '@ana:localhost' })],
    ['a reviewer in another room', pending(), decision({ room: '!other:localhost' })],
    ['a Matrix decision without a room', pending(), decision({ room: null })],
    ['a decision for another conversation', pending({ session: session.replace('ana', 'bob') }), decision()],
    ['a power level that is too low', pending({}, { minPowerLevel: 100 }), decision()],
    ['an unknown power level', pending({}, { minPowerLevel: 1 }), decision({ powerLevel: null })],
    ['a decision that the approval does not take', pending({ decisions: ['reject'] }), decision()],
    ['a reaction to an action of high risk', pending({ risk: 'high' }), decision({ via: 'reaction' })],
    [
      'an edit where others have to agree',
      pending({}, { quorum: 2 }),
      decision({ decision: 'edit', edit: {} }),
    ],
    ['an empty answer', pending(), decision({ decision: 'respond', text: ' ' })],
  ])('T1, T2: refuses %s', (_, record, entry) => {
    expect(judge(record, entry)).toMatchObject({ kind: 'refused' });
  });

  it('refuses a decision that reached the stream after the deadline, and takes an earlier one that is late handled', () => {
    expect(judge(pending(), decision(), now + 60_001)).toMatchObject({ kind: 'refused' });
    expect(judge(pending(), decision(), now + 60_000)).toMatchObject({ kind: 'final' });
  });

  it('refuses to decide from the room on high risk that the prompt could not show in full', () => {
    const record = pending({ risk: 'high' });
    expect(judge(record, decision(), now, true)).toMatchObject({ kind: 'refused' });
    expect(judge(record, decision({ via: 'cli', room: null }), now, true)).toMatchObject({ kind: 'final' });
    expect(judge(pending(), decision(), now, true)).toMatchObject({ kind: 'final' });
  });

  it('needs as many different reviewers as the quorum says', () => {
    const record = pending({}, { quorum: 2 });
    const first = judge(record, decision());
    expect(first).toMatchObject({ kind: 'progress', text: '1 of 2 approvals' });
    const decided = first.kind === 'progress' ? [...first.decided] : [];
    expect(judge({ ...record, decided }, decision({}, '$again'))).toMatchObject({ kind: 'refused' });
    expect(judge({ ...record, decided }, decision({ by: '@ron:localhost' }))).toMatchObject({
      kind: 'final',
    });
  });

  it('lets one reject end what needs several approvals', () => {
    const record = pending({}, { quorum: 2 });
    expect(judge(record, decision({ decision: 'reject' }))).toMatchObject({
      kind: 'final',
      status: 'rejected',
    });
  });

  it('tells who decided already', () => {
    const counted = {
      decision: 'approve',
      by: '@ron:localhost',
      at: new Date(now).toISOString(),
      id: '$x',
    } as const;
    const verdict = judge(pending({ status: 'approved', decided: [counted] }), decision());
    expect(verdict).toMatchObject({
      kind: 'already_decided',
      text: 'already decided by @ron:localhost: approved',
    });
  });

  it('tells what became of an approval that nobody decided', () => {
    const verdict = judge(pending({ status: 'expired' }), decision());
    expect(verdict).toMatchObject({ kind: 'already_decided', text: 'already decided: expired' });
  });

  it('lets the requester decide where the policy does not exclude them', () => {
    expect(judge(pending({}, { excludeRequester: false }), decision({ by: '@ana:localhost' }))).toMatchObject(
      {
        kind: 'final',
      },
    );
  });

  it('takes a decision in the room that the approval was escalated to', () => {
    const record = pending({}, { escalateTo: '!boss:localhost' });
    expect(judge(record, decision({ room: '!boss:localhost' }))).toMatchObject({ kind: 'final' });
  });

  it('F62: takes one where that room goes on, and none in the old one, or where nothing may follow it', () => {
    const record = pending({}, { escalateTo: '!boss:localhost' });
    const judgeIn = (room: string, escalationRoom: string | null) =>
      judgeDecision(record, decision({ room }), {
        ...{ decidedAt: now, adminRoom: null, hasHiddenParts: false },
        escalationRoom,
      });
    expect(judgeIn('!next:localhost', '!next:localhost')).toMatchObject({ kind: 'final' });
    expect(judgeIn('!boss:localhost', '!next:localhost')).toMatchObject({ kind: 'refused' });
    expect(judgeIn('!boss:localhost', null)).toMatchObject({ kind: 'refused' });
  });
});
