import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import type { Body } from '#contract/bodies';
import { createRoomMoves, type RoomMoves } from '#operations/rooms/room-moves';
import { eventually } from '../support/eventually.ts';
import { stageAdminRoom, stageSession, startWorkerStage } from '../support/worker-stage.ts';

type Stage = Awaited<ReturnType<typeof startWorkerStage>>;

const newAdminRoom = '!admin-2:localhost';
const ask = 'Please delete all records of project Apollo';
let adminRoom: string | null = stageAdminRoom;

const close = (stage: Stage, body: Body<'session.closed'>, id: string) =>
  stage.publisher.publish('inbound', {
    type: 'session.closed',
    id,
    session: stageSession,
    at: new Date().toISOString(),
    body,
  });

function open(): Promise<Stage> {
  adminRoom = stageAdminRoom;
  return startWorkerStage(inject('redisUrl'), {
    moves: { currentOf: async (room) => (room === stageAdminRoom ? adminRoom : room) },
  });
}

describe('F63: a session whose room is lost', () => {
  it('ends what waits for reviewers with the reason, cancels its timers, and begins afresh', async () => {
    await using stage = await open();
    const { redis, keys, partition } = stage;
    await stage.say(ask);
    const { approval } = (await stage.output('approvals', 'approval.requested')).body;
    await close(stage, { reason: 'kicked', movedTo: null }, 'closed:1');
    const resolved = await stage.output('approvals', 'approval.resolved');
    expect(resolved.body).toMatchObject({ approval: approval.id, status: 'expired', notice: 'outcome' });
    expect(resolved.body.text).toContain('removed from the room');
    const cancelled = (await stage.entries('timers', 'timer.cancelled')).map(({ body }) => body.timer);
    expect(cancelled).toContain(`${approval.id}:expiry`);
    expect(await redis.zscore(keys.sessions(partition), stageSession)).toBeNull();
    expect(await redis.hkeys(keys.session(partition, stageSession))).toEqual(['closed']);

    await stage.decide(approval.id, {});
    await eventually(async () => (await stage.entries('approvals', 'approval.resolved')).length === 2);
    expect((await stage.entries('approvals', 'approval.resolved'))[1]?.body.notice).toBe('already_decided');
    expect(stage.calls).toEqual([]);
    const audit = await redis.xrange(keys.stream(partition, 'audit'), '-', '+');
    expect(audit.flat(2).join(' ')).toContain('session.closed');
  });

  it('ends once, however often it is told', async () => {
    await using stage = await open();
    await stage.say(ask);
    await stage.output('approvals', 'approval.requested');
    await close(stage, { reason: 'banned', movedTo: null }, 'closed:2');
    await close(stage, { reason: 'banned', movedTo: null }, 'closed:2');
    await close(stage, { reason: 'banned', movedTo: null }, 'closed:3');
    const last = await stage.publisher.publish('inbound', {
      type: 'session.reset',
      id: 'reset:1',
      session: stageSession,
      at: new Date().toISOString(),
      body: { by: 'test' },
    });
    await eventually(
      async () => !(await stage.redis.hexists(stage.keys.accepted(stage.partition), last.entryId)),
    );
    expect((await stage.entries('approvals', 'approval.resolved')).length).toBe(1);
  });
});

describe('F63: checks for later of a session whose room is lost', () => {
  const check = {
    flow: 'raise_ci_budget',
    tool: 'find_organisation',
    args: { organisation: 'apollo' },
    expect: { value: 'result.ci_limit', is: 7 },
    failed: 'It did not hold',
  };
  let stage: Stage;
  let checks: string[] = [];
  beforeEach(async () => {
    stage = await startWorkerStage(inject('redisUrl'), {
      addToTurn: ({ kind }) => ({
        later: kind === 'message' ? checks.map((timer) => ({ timer, afterSeconds: 600, check })) : [],
      }),
    });
  });
  afterEach(() => stage[Symbol.asyncDispose]());

  const fire = async (timer: string, data: Body<'timer.fired'>['data']) => {
    const at = new Date().toISOString();
    const body = { timer, kind: 'turn.check', data };
    const entry = { type: 'timer.fired', id: timer, session: stageSession, at, body } as const;
    await stage.publisher.publish('inbound', entry);
    return eventually(async () => {
      const fate = await stage.redis.get(stage.keys.fact(stage.partition, timer));
      return fate?.startsWith('done:') === true && fate;
    });
  };
  const cancelled = async () =>
    (await stage.entries('timers', 'timer.cancelled'))
      .map(({ body }) => body.timer)
      .filter((timer) => timer.startsWith('check:'));
  const setTimer = async (timer: string) => {
    checks = [timer];
    await stage.say('hello');
    return eventually(async () =>
      (await stage.entries('timers', 'timer.set')).find(({ body }) => body.timer === timer),
    );
  };

  it('are cancelled, and one that fires all the same is looked at no more; later ones are', async () => {
    const first = await setTimer('check:1');
    const second = await setTimer('check:2');
    expect(await fire('check:1', first.body.data)).toBe('done:checked');
    const said = (await stage.entries('outbound', 'reply.finished')).length;
    await close(stage, { reason: 'kicked', movedTo: null }, 'closed:checks');
    // What has fired needs no cancelling.
    await eventually(async () => (await cancelled()).length === 1);
    expect(await cancelled()).toEqual(['check:2']);
    expect(await fire('check:2', second.body.data)).toBe('done:closed');
    // As the release before has set them.
    expect(await fire('check:old', { ...check, args: { ...check.args } })).toBe('done:closed');
    expect(await stage.entries('outbound', 'reply.finished')).toHaveLength(said);

    const { body } = await setTimer('check:3');
    expect(await fire('check:3', body.data)).toBe('done:checked');
  });
});

describe('F62: a session whose room was upgraded', () => {
  it('keeps what waits, and says so where it goes on', async () => {
    await using stage = await open();
    await stage.say(ask);
    await stage.output('approvals', 'approval.requested');
    await close(stage, { reason: 'room_upgraded', movedTo: '!next:localhost' }, 'moved:1');
    const status = await stage.output('outbound', 'turn.status', 2);
    expect(status.body).toMatchObject({ state: 'waiting', text: expect.stringContaining('goes on here') });
    expect(await stage.entries('approvals', 'approval.resolved')).toEqual([]);
  });

  it('counts no decision while the admin room goes on nowhere, and asks anew where it does', async () => {
    await using stage = await open();
    await stage.say(ask);
    const { approval } = (await stage.output('approvals', 'approval.requested')).body;
    adminRoom = null;
    await stage.decide(approval.id, {}, '$in-the-dead-room');
    const refused = await stage.output('approvals', 'approval.resolved');
    expect(refused.body).toMatchObject({ notice: 'refused', text: expect.stringContaining('admin room') });

    adminRoom = newAdminRoom;
    await close(stage, { reason: 'room_upgraded', movedTo: newAdminRoom }, 'moved:2');
    const again = await stage.output('approvals', 'approval.requested', 2);
    expect(again.body.approval).toEqual(approval);
    await stage.decide(approval.id, { room: stageAdminRoom }, '$in-the-old-room');
    await stage.output('approvals', 'approval.resolved', 2);
    expect(stage.calls).toEqual([]);
    await stage.decide(approval.id, { room: newAdminRoom }, '$in-the-new-room');
    const outcome = await stage.output('approvals', 'approval.resolved', 3);
    expect(outcome.body).toMatchObject({ notice: 'outcome', status: 'approved' });
    expect(stage.calls).toHaveLength(1);
  });
});

describe('F62: the room that approvals are escalated to was upgraded', () => {
  const [leads, next] = ['!leads:localhost', '!leads-2:localhost'];
  let moves: RoomMoves;
  let stage: Stage;
  beforeEach(async () => {
    stage = await startWorkerStage(inject('redisUrl'), {
      policy: { escalateTo: leads },
      moves: { currentOf: (room) => moves.currentOf(room) },
    });
    const plain = (text: string): string => text;
    moves = createRoomMoves({ redis: stage.redis, keys: stage.keys, sealBody: plain, openOwn: plain });
  });
  afterEach(() => stage[Symbol.asyncDispose]());

  it('counts decisions in the new room once the move was noted, and in the old one no more', async () => {
    await stage.say(ask);
    const { approval } = (await stage.output('approvals', 'approval.requested')).body;
    await stage.decide(approval.id, { room: next }, '$too-early');
    const early = await stage.output('approvals', 'approval.resolved');
    expect(early.body).toMatchObject({ notice: 'refused', text: expect.stringContaining('admin room') });

    expect(await moves.note(leads, next)).toBe('noted');
    await stage.decide(approval.id, { room: leads }, '$in-the-old-room');
    const old = await stage.output('approvals', 'approval.resolved', 2);
    expect(old.body).toMatchObject({ notice: 'refused', text: expect.stringContaining('admin room') });
    expect(stage.calls).toEqual([]);

    await stage.decide(approval.id, { room: next }, '$in-the-new-room');
    const outcome = await stage.output('approvals', 'approval.resolved', 3);
    expect(outcome.body).toMatchObject({ notice: 'outcome', status: 'approved' });
    expect(stage.calls).toHaveLength(1);
  });
});
