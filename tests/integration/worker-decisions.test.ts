import { describe, expect, inject, it } from 'vitest';
import { stageSession, startWorkerStage } from '../support/worker-stage.ts';

const url = inject('redisUrl');
const risky = 'Please delete all records of project Apollo';
type Stage = Awaited<ReturnType<typeof startWorkerStage>>;

async function pendingApproval(stage: Stage): Promise<string> {
  await stage.say(risky);
  return (await stage.output('approvals', 'approval.requested')).body.approval.id;
}

const expire = (stage: Stage, approval: string) => {
  const at = new Date().toISOString();
  const body = { approval, dueAt: at };
  const id = `${approval}:expiry`;
  return stage.publisher.publish('inbound', {
    type: 'approval.expired',
    id,
    session: stageSession,
    at,
    body,
  });
};
/** As an attempt leaves it that began the action and did not live to see its end. */
const begin = (stage: Stage, approval: string) =>
  stage.redis.hset(stage.keys.approval(stage.partition, approval), 'permit:0', 'started');
const outcome = async (stage: Stage) => (await stage.output('approvals', 'approval.resolved')).body;

describe('a decision', () => {
  it('knows what came of its action when the turn fails behind it and runs again', async () => {
    let failures = 0;
    await using stage = await startWorkerStage(url, {
      isRepeatable: false,
      onTurn: async ({ kind }) => {
        if (kind !== 'action_finished' || failures > 0) return;
        failures += 1;
        throw new Error('the model is away');
      },
    });
    const id = await pendingApproval(stage);
    await stage.decide(id, {});
    const reply = await stage.output('outbound', 'reply.finished');
    expect(failures).toBe(1);
    expect(reply.body.text).toContain('Deleted 3 records');
    expect(stage.calls).toEqual([{ project: 'Apollo', idempotencyKey: `${id}:0` }]);
    expect(await stage.entries('approvals', 'approval.resolved')).toMatchObject([
      { body: { notice: 'outcome', status: 'approved' } },
    ]);
  });

  it('is told as theirs who have made it, and not as theirs who had approved before', async () => {
    await using stage = await startWorkerStage(url, { policy: { quorum: 2 } });
    const id = await pendingApproval(stage);
    await stage.decide(id, {});
    await stage.output('approvals', 'approval.resolved');
    await stage.decide(id, { by: '@ron:localhost', decision: 'reject' });
    const { text, by } = (await stage.output('approvals', 'approval.resolved', 2)).body;
    expect([text, by]).toEqual(['Rejected by @ron:localhost', ['@ron:localhost']]);
    await stage.decide(id, {});
    const late = await stage.output('approvals', 'approval.resolved', 3);
    expect(late.body.text).toBe('already decided by @ron:localhost: rejected');
  });

  it('is nobody’s where half of the approvals came in time', async () => {
    await using stage = await startWorkerStage(url, { policy: { quorum: 2 } });
    const id = await pendingApproval(stage);
    await stage.decide(id, {});
    await stage.output('approvals', 'approval.resolved');
    await expire(stage, id);
    const { text, by } = (await stage.output('approvals', 'approval.resolved', 2)).body;
    expect([text, by]).toEqual(['Expired without a decision; nothing was run', []]);
  });
});

describe('an approval with an action that was begun, and whose decision was given up', () => {
  const mayHaveRun = /what a decision had begun before may have taken effect/;

  it('does not say that nothing was run when it expires, and asks somebody to look', async () => {
    await using stage = await startWorkerStage(url);
    const id = await pendingApproval(stage);
    await begin(stage, id);
    await expire(stage, id);
    expect((await stage.output('outbound', 'reply.finished')).body.text).toMatch(/not certain/);
    expect(await outcome(stage)).toMatchObject({
      status: 'expired',
      text: expect.stringMatching(mayHaveRun),
    });
    const asked = await stage.output('approvals', 'approval.resolved', 2);
    expect(asked.body).toMatchObject({
      notice: 'unknown',
      text: expect.stringMatching(/somebody has to look/),
    });
    expect(stage.calls).toEqual([]);
  });

  it('does not say that nothing was run when it is rejected', async () => {
    await using stage = await startWorkerStage(url);
    const id = await pendingApproval(stage);
    await begin(stage, id);
    await stage.decide(id, { decision: 'reject' });
    expect((await stage.output('outbound', 'reply.finished')).body.text).toMatch(/not certain/);
    expect(stage.calls).toEqual([]);
  });

  it('does not say that nothing was run when it is withdrawn', async () => {
    await using stage = await startWorkerStage(url);
    await begin(stage, await pendingApproval(stage));
    await stage.say('cancel');
    expect((await outcome(stage)).text).toMatch(mayHaveRun);
  });
});
