import { describe, expect, inject, it } from 'vitest';
import { readTurns } from '#operations/story/read-turns';
import { eventually } from '../support/eventually.ts';
import { stageSession, startWorkerStage } from '../support/worker-stage.ts';

const url = inject('redisUrl');

type Stage = Awaited<ReturnType<typeof startWorkerStage>>;
const turnsOf = ({ redis, keys }: Stage) =>
  readTurns({ redis, keys, partitions: 4, openBody: (text) => text }, stageSession);
const nthTurn = (stage: Stage, nth: number) =>
  eventually(async () => (await turnsOf(stage))[nth - 1], { what: `turn record ${nth}` });

describe('the record of a turn', () => {
  it('is written with the commit of a message: what was understood, who worked on it, what came of it', async () => {
    await using stage = await startWorkerStage(url);
    await stage.say('How do I reset my 2FA?');
    const record = await nthTurn(stage, 1);
    expect(record).toMatchObject({
      cause: 'message.received',
      session: stageSession,
      partition: stage.partition,
      attempt: 1,
      worker: 'w1',
      outcome: 'replied',
      understood: { by: 'examples', risk: 'none' },
      replies: [record.turn],
      approvals: [],
      cost: 0,
    });
    expect(record.understood?.commands.length).toBeGreaterThan(0);
    expect(record.epoch).toBeGreaterThan(0);
    expect(Date.parse(record.startedAt)).toBeGreaterThan(0);
    const ttlMs = await stage.redis.pttl(stage.keys.turns(stage.partition, stageSession));
    expect(ttlMs).toBeGreaterThan(6 * 24 * 3_600_000);
    expect(ttlMs).toBeLessThanOrEqual(7 * 24 * 3_600_000);
  });

  it('tells what was asked for, and the turn of the decision tells each action with its status', async () => {
    await using stage = await startWorkerStage(url);
    await stage.say('Please delete all records of project Apollo');
    const asked = await nthTurn(stage, 1);
    expect(asked.approvals).toMatchObject([{ actions: ['delete_records'] }]);
    expect(asked).toMatchObject({ outcome: 'waiting', replies: [] });
    const approval = asked.approvals[0]?.id ?? '';
    await stage.decide(approval, { by: '@mallory:localhost' }, '$refused');
    expect(await nthTurn(stage, 2)).toMatchObject({ turn: '$refused', outcome: 'refused', about: approval });
    await stage.decide(approval, {}, '$approved');
    const decided = await nthTurn(stage, 3);
    expect(decided).toMatchObject({
      turn: '$approved',
      cause: 'approval.decided',
      about: approval,
      outcome: 'approved',
      replies: ['$approved'],
    });
    expect(decided.steps.find(({ kind }) => kind === 'tool')).toMatchObject({
      name: 'delete_records',
      status: 'done',
      detail: 'approved',
    });
    expect(stage.calls).toHaveLength(1);
  });

  it('tells an approved action that did not succeed', async () => {
    await using stage = await startWorkerStage(url, {
      onTool: () => {
        throw new Error('the tool is ill');
      },
    });
    await stage.say('Please delete all records of project Apollo');
    const asked = await nthTurn(stage, 1);
    await stage.decide(asked.approvals[0]?.id ?? '', {}, '$approved');
    const decided = await nthTurn(stage, 2);
    const ran = decided.steps.filter(({ kind }) => kind === 'tool').map(({ status }) => status);
    expect(['failed', 'unknown']).toContain(ran[0]);
  });

  it('holds nothing that somebody wrote, and no values', async () => {
    await using stage = await startWorkerStage(url);
    const canary = 'Zebrafink4711';
    await stage.say(`Please delete all records of project ${canary}`);
    const asked = await nthTurn(stage, 1);
    await stage.decide(asked.approvals[0]?.id ?? '', { decision: 'reject', text: `no ${canary}` }, '$no');
    await nthTurn(stage, 2);
    const raw = await stage.redis.lrange(stage.keys.turns(stage.partition, stageSession), 0, -1);
    expect(raw).toHaveLength(2);
    expect(raw.join('\n')).not.toContain(canary);
  });

  it('goes when the conversation is reset, but for that of the reset itself', async () => {
    await using stage = await startWorkerStage(url);
    await stage.say('How do I reset my 2FA?');
    await nthTurn(stage, 1);
    await stage.publisher.publish('inbound', {
      type: 'session.reset',
      id: 'reset:1',
      session: stageSession,
      at: new Date().toISOString(),
      body: { by: 'cli:test' },
    });
    const [only, ...others] = await eventually(async () => {
      const turns = await turnsOf(stage);
      return turns[0]?.cause === 'session.reset' && turns;
    });
    expect(only).toMatchObject({ turn: 'reset:1', outcome: 'reset' });
    expect(others).toEqual([]);
  });

  it('is left out where it cannot be read', async () => {
    await using stage = await startWorkerStage(url);
    await stage.say('How do I reset my 2FA?');
    await nthTurn(stage, 1);
    const key = stage.keys.turns(stage.partition, stageSession);
    await stage.redis.lpush(key, 'no json', '{"turn":1}', '\u0000');
    expect(await turnsOf(stage)).toHaveLength(1);
  });

  it('is kept for the newest hundred turns of a session', async () => {
    await using stage = await startWorkerStage(url);
    for (let turn = 0; turn < 105; turn++) await stage.say('hello');
    await eventually(async () => (await stage.entries('outbound', 'reply.finished')).length === 105, {
      withinMs: 30_000,
    });
    expect(await stage.redis.llen(stage.keys.turns(stage.partition, stageSession))).toBe(100);
  });
});
