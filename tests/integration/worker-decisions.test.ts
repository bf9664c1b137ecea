import { describe, expect, inject, it } from 'vitest';
import { startWorkerStage } from '../support/worker-stage.ts';

const url = inject('redisUrl');
const risky = 'Please delete all records of project Apollo';

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
    await stage.say(risky);
    const { id } = (await stage.output('approvals', 'approval.requested')).body.approval;
    await stage.decide(id, {});
    const reply = await stage.output('outbound', 'reply.finished');
    expect(failures).toBe(1);
    expect(reply.body.text).toContain('Deleted 3 records');
    expect(stage.calls).toEqual([{ project: 'Apollo', idempotencyKey: `${id}:0` }]);
    expect(await stage.entries('approvals', 'approval.resolved')).toMatchObject([
      { body: { notice: 'outcome', status: 'approved' } },
    ]);
  });
});
