import { describe, expect, inject, it } from 'vitest';
import { approvalCodeOf, approvalIdOf } from '#contract/approval';
import { verifyChain } from '#streams/audit-chain';
import { eventually } from '../support/eventually.ts';
import { stageSession, startWorkerStage } from '../support/worker-stage.ts';

const url = inject('redisUrl');
const risky = 'Please delete all records of project Apollo';

async function pendingApproval(stage: Awaited<ReturnType<typeof startWorkerStage>>, nth = 1, text = risky) {
  await stage.say(text);
  return (await stage.output('approvals', 'approval.requested', nth)).body.approval;
}

describe('a worker', () => {
  it('answers from the playbook’s knowledge and names the source', async () => {
    await using stage = await startWorkerStage(url);
    await stage.say('How do I reset my 2FA?');
    const reply = await stage.output('outbound', 'reply.finished');
    expect(reply.body.text).toMatch(/Source: .*two-factor/i);
    expect(reply).toMatchObject({ session: stageSession, body: { replyTo: '$event0' } });
  });

  it('asks before a risky action, runs it once when approved, and reports it', async () => {
    await using stage = await startWorkerStage(url);
    const approval = await pendingApproval(stage);
    expect(approval.actions).toMatchObject([{ name: 'delete_records', args: { project: 'Apollo' } }]);
    expect(await stage.output('outbound', 'turn.status')).toMatchObject({ body: { state: 'waiting' } });
    const timers = await stage.entries('timers', 'timer.set');
    expect(timers.map(({ body }) => body.kind)).toEqual([
      'approval.expiry',
      'approval.reminder',
      'approval.reminder',
      'approval.reminder',
    ]);
    expect(stage.calls).toEqual([]);
    await stage.decide(approval.id, {});
    const reply = await stage.output('outbound', 'reply.finished');
    expect(reply.body).toMatchObject({
      replyTo: '$event0',
      text: expect.stringContaining('Deleted 3 records'),
    });
    expect(stage.calls).toEqual([{ project: 'Apollo', idempotencyKey: `${approval.id}:0` }]);
    const outcome = await stage.output('approvals', 'approval.resolved');
    expect(outcome.body).toMatchObject({ notice: 'outcome', status: 'approved', by: ['@rita:localhost'] });
    expect(await stage.entries('timers', 'timer.cancelled')).toHaveLength(4);
    expect(await stage.redis.keys(`${stage.keys.thread(stage.partition, '')}approval*`)).toEqual([]);
  });

  it('keeps an audit chain that verifies', async () => {
    await using stage = await startWorkerStage(url);
    const approval = await pendingApproval(stage);
    await stage.decide(approval.id, { by: '@mallory:localhost' });
    await stage.decide(approval.id, {});
    await stage.output('outbound', 'reply.finished');
    const raw = await stage.redis.xrange(stage.keys.stream(stage.partition, 'audit'), '-', '+');
    const lines = raw.map(([id, fields]) => ({ id, fields }));
    expect(lines.map(({ fields }) => fields[1])).toEqual([
      'approval.requested',
      'decision.refused',
      'permit.started',
      'decision.counted',
      'permit.used',
      'approval.resolved',
    ]);
    const head = await stage.redis.hget(stage.keys.auditHead(stage.partition), 'hash');
    expect(verifyChain(lines, head)).toMatchObject({ isIntact: true, lines: 6 });
  });

  it('finds its place in the audit chain again when an operator’s line came in between', async () => {
    await using stage = await startWorkerStage(url, {
      onTool: () => void stage.redis.hset(stage.keys.auditHead(stage.partition), 'hash', 'f'.repeat(64)),
    });
    const approval = await pendingApproval(stage);
    await stage.decide(approval.id, {});
    await stage.output('outbound', 'reply.finished');
    const [last] = await stage.redis.xrevrange(
      stage.keys.stream(stage.partition, 'audit'),
      '+',
      '-',
      'COUNT',
      1,
    );
    expect(last?.[1]).toContain('approval.resolved');
    expect(stage.calls).toHaveLength(1);
  });

  it('tells the second reviewer who was first, and runs nothing again', async () => {
    await using stage = await startWorkerStage(url);
    const approval = await pendingApproval(stage);
    await stage.decide(approval.id, {});
    await stage.decide(approval.id, { by: '@ron:localhost', decision: 'reject' });
    const second = await stage.output('approvals', 'approval.resolved', 2);
    expect(second.body).toMatchObject({ notice: 'already_decided', replyTo: '$decision' });
    expect(second.body.text).toContain('@rita:localhost');
    expect(stage.calls).toHaveLength(1);
    const code = approvalCodeOf(approval.id);
    const { keys, partition, redis } = stage;
    expect(await redis.get(keys.decidedApproval(partition, code))).toBe(approval.id);
    expect(await redis.hexists(keys.openApprovals(partition), code)).toBe(0);
  });

  it('runs the edited arguments and no others', async () => {
    await using stage = await startWorkerStage(url);
    const approval = await pendingApproval(stage);
    await stage.decide(approval.id, { decision: 'edit', edit: { nonsense: 1 } });
    const refused = await stage.output('approvals', 'approval.resolved');
    expect(refused.body).toMatchObject({
      notice: 'refused',
      text: expect.stringMatching(/nonsense: is not an argument.*nothing was decided/),
    });
    await stage.decide(approval.id, { decision: 'edit', edit: { project: 'Gemini' } });
    await stage.output('outbound', 'reply.finished');
    expect(stage.calls.map(({ project }) => project)).toEqual(['Gemini']);
    const outcome = await stage.output('approvals', 'approval.resolved', 2);
    expect(outcome.body.text).toContain('Edited and approved by @rita:localhost. With {"project":"Gemini"}.');
  });

  it.each([
    ['reject', { decision: 'reject', text: 'we still need them' }, 'rejected'],
    ['respond', { decision: 'respond', text: 'Which Apollo do you mean?' }, 'responded'],
  ] as const)('runs nothing on %s and passes on what the reviewer said', async (_, body, status) => {
    await using stage = await startWorkerStage(url);
    const approval = await pendingApproval(stage);
    await stage.decide(approval.id, body);
    const reply = await stage.output('outbound', 'reply.finished');
    expect(reply.body.text).toContain(body.text);
    expect((await stage.output('approvals', 'approval.resolved')).body.status).toBe(status);
    expect(stage.calls).toEqual([]);
  });

  it('answers messages while an approval waits, without voiding it', async () => {
    await using stage = await startWorkerStage(url);
    const first = await pendingApproval(stage);
    const second = await pendingApproval(stage, 2, 'Please delete all records of project Gemini');
    await stage.say('How do I reset my 2FA?');
    await stage.output('outbound', 'reply.finished');
    await stage.decide(second.id, { decision: 'reject' });
    await stage.decide(first.id, {});
    const reply = await stage.output('outbound', 'reply.finished', 3);
    expect(reply.body.text).toContain('Deleted 3 records');
    expect(stage.calls.map(({ idempotencyKey }) => idempotencyKey)).toEqual([`${first.id}:0`]);
  });

  it('withdraws what waits when the person cancels', async () => {
    await using stage = await startWorkerStage(url);
    const approval = await pendingApproval(stage);
    await stage.say('cancel');
    const outcome = await stage.output('approvals', 'approval.resolved');
    expect(outcome.body).toMatchObject({ notice: 'outcome', status: 'cancelled' });
    await stage.decide(approval.id, {});
    const late = await stage.output('approvals', 'approval.resolved', 2);
    expect(late.body.notice).toBe('already_decided');
    expect(stage.calls).toEqual([]);
  });

  it('ends an approval when it has expired, and refuses a decision that comes later', async () => {
    await using stage = await startWorkerStage(url);
    const approval = await pendingApproval(stage);
    await stage.publisher.publish('inbound', {
      type: 'approval.expired',
      id: `${approval.id}:expiry`,
      session: stageSession,
      at: new Date().toISOString(),
      body: { approval: approval.id, dueAt: approval.expiresAt },
    });
    expect((await stage.output('outbound', 'reply.finished')).body.text).toMatch(/expired|nobody|in time/i);
    await stage.decide(approval.id, {});
    expect((await stage.output('approvals', 'approval.resolved', 2)).body.notice).toBe('already_decided');
    expect(stage.calls).toEqual([]);
  });

  it('repeats a tool that is safe to repeat under the same key after an attempt that died', async () => {
    await using stage = await startWorkerStage(url);
    const approval = await pendingApproval(stage);
    await stage.redis.hset(stage.keys.approval(stage.partition, approval.id), 'permit:0', 'started');
    await stage.decide(approval.id, {});
    await stage.output('outbound', 'reply.finished');
    expect(stage.calls).toEqual([{ project: 'Apollo', idempotencyKey: `${approval.id}:0` }]);
  });

  it('never repeats any other tool: its fate is unknown and people are told', async () => {
    await using stage = await startWorkerStage(url, { isRepeatable: false });
    const approval = await pendingApproval(stage);
    await stage.redis.hset(stage.keys.approval(stage.partition, approval.id), 'permit:0', 'started');
    await stage.decide(approval.id, {});
    await stage.output('outbound', 'reply.finished');
    expect((await stage.output('approvals', 'approval.resolved')).body.text).toMatch(/look/);
    const asked = await stage.output('approvals', 'approval.resolved', 2);
    expect(asked.body).toMatchObject({
      notice: 'unknown',
      replyTo: '$decision',
      text: expect.stringMatching(/delete_records.*somebody has to look/),
    });
    expect(stage.calls).toEqual([]);
  });

  it('does nothing again when the group is set back and everything is delivered anew (F11)', async () => {
    await using stage = await startWorkerStage(url);
    await stage.say('How do I reset my 2FA?');
    await stage.output('outbound', 'reply.finished');
    const inbound = stage.keys.stream(stage.partition, 'inbound');
    await stage.redis.del(...(await stage.redis.keys(`${stage.keys.thread(stage.partition, '')}*`)));
    await stage.redis.xgroup('SETID', inbound, 'graph', '0');
    await stage.say('How do I add an SSH key?');
    await eventually(async () => (await stage.redis.xpending(inbound, 'graph'))[0] === 0);
    await stage.output('outbound', 'reply.finished', 2);
    expect(await stage.entries('outbound', 'reply.finished')).toHaveLength(2);
  });

  it('gives up at once what another stream carries, and goes on', async () => {
    await using stage = await startWorkerStage(url);
    const body = { reply: 'r', text: 'by hand', replyTo: null, revision: 0 };
    const at = new Date().toISOString();
    const entry = { type: 'reply.finished', id: '$by-hand', session: stageSession, at, body } as const;
    await stage.publisher.publish('inbound', entry);
    await stage.say('How do I reset my 2FA?');
    await stage.output('outbound', 'reply.finished');
    const [letter] = await stage.redis.xrange(stage.keys.stream(stage.partition, 'dead'), '-', '+');
    const text = letter?.[1].join(' ');
    expect(text).toMatch(/reply\.finished do not belong into the stream inbound.* attempts 1/);
  });

  it('leaves a code to the approval that waits under it already', async () => {
    await using stage = await startWorkerStage(url);
    const open = stage.keys.openApprovals(stage.partition);
    await stage.say('How do I reset my 2FA?');
    await stage.output('outbound', 'reply.finished');
    const turn = `$event-1-${stageSession}`;
    const code = approvalCodeOf(approvalIdOf(stageSession, turn, 'proposal:0'));
    await stage.redis.hset(open, code, 'B'.repeat(20));
    const approval = await pendingApproval(stage);
    expect(approvalCodeOf(approval.id)).toBe(code);
    expect(await stage.redis.hget(open, code)).toBe('B'.repeat(20));
  });

  it('counts to the quorum before anything runs', async () => {
    await using stage = await startWorkerStage(url, { policy: { quorum: 2 } });
    const approval = await pendingApproval(stage);
    await stage.decide(approval.id, {});
    const progress = await stage.output('approvals', 'approval.resolved');
    expect(progress.body).toMatchObject({ notice: 'progress', text: '1 of 2 approvals' });
    expect(stage.calls).toEqual([]);
    await stage.decide(approval.id, { by: '@ron:localhost' });
    await stage.output('outbound', 'reply.finished');
    expect(stage.calls).toHaveLength(1);
  });
});
