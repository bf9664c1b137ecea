import { describe, expect, inject, it } from 'vitest';
import { type Approval, actionOf, approvalIdOf, approval as approvalSchema } from '#contract/approval';
import type { Body } from '#contract/bodies';
import { eventually } from '../support/eventually.ts';
import type { MatrixEvent } from '../support/matrix-user.ts';
import { kindOf, openStage, replacedBy, type Stage } from './egress-stage.ts';

const redisUrl = inject('redisUrl');

function approvalFor(stage: Stage, changes: Partial<Approval> = {}): Approval {
  return approvalSchema.parse({
    id: approvalIdOf(stage.session, '$turn', 'interrupt'),
    session: stage.session,
    interrupt: 'interrupt',
    thread: 'thread',
    turn: '$turn',
    requester: stage.alice.userId,
    replyTo: '$question',
    reason: 'asked for',
    risk: 'medium',
    actions: [actionOf('delete_records', { project: 'Apollo' })],
    decisions: ['approve', 'edit', 'reject', 'respond'],
    context: '',
    policy: { reviewers: [stage.rita.userId] },
    requestedAt: '2026-01-02T03:04:05.000Z',
    expiresAt: '2026-01-02T04:34:05.000Z',
    status: 'pending',
    decided: [],
    ...changes,
  });
}

async function ask(stage: Stage, changes: Partial<Approval> = {}): Promise<Approval> {
  const approval = approvalFor(stage, changes);
  await stage.publish('approval.requested', '$turn', { approval });
  return approval;
}

async function resolve(stage: Stage, approval: Approval, changes: Partial<Body<'approval.resolved'>> = {}) {
  await stage.publish('approval.resolved', '$decision', {
    approval: approval.id,
    notice: 'outcome',
    status: 'approved',
    by: [stage.rita.userId],
    text: `Approved by ${stage.rita.userId}`,
    replyTo: null,
    ...changes,
  });
}

function inAdminRoom(stage: Stage, count: number): Promise<MatrixEvent[]> {
  return eventually(async () => {
    const sent = await stage.sent(stage.adminRoom);
    return sent.length >= count && sent;
  });
}

const forget = async ({ transport }: Stage, approval: Approval): Promise<void> => {
  for (const partition of [0, 1]) await transport.redis.del(transport.keys.prompt(partition, approval.id));
};

describe('egress, approvals', () => {
  it('asks in the admin room once, with reactions, and says in the event which approval it is', async () => {
    await using stage = await openStage(redisUrl);
    await stage.startEgress();
    const approval = await ask(stage);
    await ask(stage);
    const events = await inAdminRoom(stage, 3);
    const [prompt, ...seeds] = events;
    expect(prompt?.content).toMatchObject({
      msgtype: 'm.text',
      body: expect.stringContaining('{"project":"Apollo"}'),
      'm.mentions': {},
      'dev.vagent': { kind: 'approval', session: stage.session, turn: '$turn', approval: approval.id },
    });
    const relation = { rel_type: 'm.annotation', event_id: prompt?.event_id };
    expect(seeds.map(({ content }) => content['m.relates_to'])).toEqual([
      { ...relation, key: '✅' },
      { ...relation, key: '❌' },
    ]);
    await resolve(stage, approval);
    expect(await inAdminRoom(stage, 4)).toHaveLength(4);
  });

  it('offers no reaction for risk high', async () => {
    await using stage = await openStage(redisUrl);
    await stage.startEgress();
    const approval = await ask(stage, { risk: 'high' });
    await resolve(stage, approval);
    const events = await inAdminRoom(stage, 2);
    expect(events.map(({ type }) => type)).toEqual(['m.room.message', 'm.room.message']);
  });

  it.each([
    ['known', false],
    ['lost by Redis', true],
  ])('edits the prompt to show the outcome when the prompt is %s', async (_, isLost) => {
    await using stage = await openStage(redisUrl);
    await stage.startEgress();
    const approval = await ask(stage);
    const [prompt] = await inAdminRoom(stage, 3);
    if (isLost) await forget(stage, approval);
    await resolve(stage, approval);
    const edit = (await inAdminRoom(stage, 4))[3] as MatrixEvent;
    expect(replacedBy(edit)).toBe(prompt?.event_id);
    expect(kindOf(edit)).toBe('outcome');
    expect(edit.content['m.new_content']).toMatchObject({
      body: expect.stringMatching(
        new RegExp(`^✅ Approved by ${stage.rita.userId}\n\n[^]*"project":"Apollo"`),
      ),
    });
  });

  it('posts the outcome when there is no prompt to be found', async () => {
    await using stage = await openStage(redisUrl);
    await stage.startEgress();
    const approval = approvalFor(stage);
    await resolve(stage, approval, { status: 'expired', by: [], text: 'Expired' });
    const [notice] = await inAdminRoom(stage, 1);
    expect(notice?.content).toMatchObject({
      msgtype: 'm.notice',
      body: `⏰ Expired (approval ${approval.id})`,
    });
  });

  it('reminds in the thread of the prompt and in the escalation room, and not after the outcome', async () => {
    await using stage = await openStage(redisUrl);
    await stage.startEgress();
    const approval = await ask(stage);
    const [prompt] = await inAdminRoom(stage, 3);
    const reminded = {
      approval: approval.id,
      reminder: 1,
      expiresAt: approval.expiresAt,
      escalateTo: stage.room,
    };
    await stage.publish('approval.reminded', '$timer', reminded);
    const reminder = (await inAdminRoom(stage, 4))[3];
    expect(kindOf(reminder)).toBe('reminder');
    expect(reminder?.content).toMatchObject({
      'm.mentions': { user_ids: [stage.rita.userId] },
      'm.relates_to': { rel_type: 'm.thread', event_id: prompt?.event_id },
    });
    const [escalation] = await eventually(async () => {
      const sent = await stage.sent();
      return sent.length > 0 && sent;
    });
    expect(escalation?.content['body']).toContain(`in the admin room ${stage.adminRoom}`);
    await resolve(stage, approval);
    await stage.publish('approval.reminded', '$timer', { ...reminded, reminder: 2 });
    await resolve(stage, approval, { notice: 'progress', text: 'the last one', status: null });
    const all = await inAdminRoom(stage, 6);
    expect(all.map(kindOf)).toEqual(['approval', 'approval', 'approval', 'reminder', 'outcome', 'outcome']);
  });

  it('answers a late decision where it was sent', async () => {
    await using stage = await openStage(redisUrl);
    await stage.startEgress();
    const approval = await ask(stage);
    const [prompt] = await inAdminRoom(stage, 3);
    const threaded = await stage.rita.say(stage.adminRoom, 'approve', { thread: prompt?.event_id ?? '' });
    const command = await stage.rita.say(stage.adminRoom, '!vagent approve 000000');
    const told = { notice: 'already_decided', text: 'already decided by @x', status: 'approved' } as const;
    await resolve(stage, approval, { ...told, replyTo: threaded });
    await resolve(stage, approval, { ...told, replyTo: command });
    const [first, second] = (await inAdminRoom(stage, 5)).slice(3);
    expect(first?.content).toMatchObject({ msgtype: 'm.notice', body: 'already decided by @x' });
    expect(first?.content['m.relates_to']).toMatchObject({
      rel_type: 'm.thread',
      event_id: prompt?.event_id,
      'm.in_reply_to': { event_id: threaded },
    });
    expect(second?.content['m.relates_to']).toEqual({ 'm.in_reply_to': { event_id: command } });
  });

  it('tells the person who waits when the reviewers cannot be asked', async () => {
    await using stage = await openStage(redisUrl);
    await stage.startEgress();
    await stage.bot.leave(stage.adminRoom);
    await ask(stage);
    const [failure] = await eventually(async () => {
      const sent = await stage.sent();
      return sent.length > 0 && sent;
    });
    expect(kindOf(failure)).toBe('failed');
    expect(failure?.content['body']).toContain('reviewers could not be asked');
    expect((await stage.dead()).flat().join(' ')).toContain('was it kicked or banned');
  });
});
