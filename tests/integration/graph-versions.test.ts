import { describe, expect, inject, it } from 'vitest';
import { graphVersions } from '#agents/conversation/graph-versions';
import { eventually } from '../support/eventually.ts';
import { secondVersion } from '../support/next-release.ts';
import { startWorkerStage } from '../support/worker-stage.ts';

const both = [...graphVersions, secondVersion] as const;
const approvals = 'approvals';

describe('two releases of the graph', () => {
  it('F53, B8: what waits is decided on the version that it began with, after all workers were replaced', async () => {
    await using stage = await startWorkerStage(inject('redisUrl'));
    await stage.say('Please delete all records of project Apollo');
    const asked = await stage.output(approvals, 'approval.requested');
    await stage.worker.stop();
    await using _next = await stage.startWorker('next', { versions: both });
    await stage.decide(asked.body.approval.id, {});
    const outcome = await stage.output(approvals, 'approval.resolved');
    expect(outcome.body).toMatchObject({ notice: 'outcome', status: 'approved' });
    expect(stage.calls.map(({ project }) => project)).toEqual(['Apollo']);
  });

  it('begin new work on the older one while a worker of the older release lives, so that each can go on with it', async () => {
    await using stage = await startWorkerStage(inject('redisUrl'));
    await stage.worker.stop();
    const upgrading = await stage.startWorker('next', { versions: both, target: () => 1 });
    await stage.say('Please delete all records of project Apollo');
    const asked = await stage.output(approvals, 'approval.requested');
    await upgrading.stop();
    await using _old = await stage.startWorker('old');
    await stage.decide(asked.body.approval.id, {});
    await stage.output(approvals, 'approval.resolved');
    expect(stage.calls).toHaveLength(1);
  });

  it('begin new work on the newer one when the older workers are gone; a conversation with nothing open moves on', async () => {
    await using stage = await startWorkerStage(inject('redisUrl'));
    await stage.say('How do I reset my 2FA?');
    await stage.output('outbound', 'reply.finished');
    await stage.worker.stop();
    await using _next = await stage.startWorker('next', { versions: both });
    await stage.say('Please delete all records of project Apollo');
    const asked = await stage.output(approvals, 'approval.requested');
    await stage.decide(asked.body.approval.id, {});
    await stage.output(approvals, 'approval.resolved');
    expect(stage.calls).toHaveLength(1);
  });

  it('make a worker of the older release wait with what the newer one left open, and lose nothing', async () => {
    await using stage = await startWorkerStage(inject('redisUrl'));
    await stage.worker.stop();
    const next = await stage.startWorker('next', { versions: both });
    await stage.say('Please delete all records of project Apollo');
    const asked = await stage.output(approvals, 'approval.requested');
    await next.stop();
    const old = await stage.startWorker('old');
    await stage.decide(asked.body.approval.id, {});
    const inbound = stage.keys.stream(stage.partition, 'inbound');
    await eventually(async () => (await stage.redis.xpending(inbound, 'graph'))[0] === 1, {
      what: 'the waiting decision',
    });
    expect(await stage.entries(approvals, 'approval.resolved')).toEqual([]);
    await old.stop();
    await using _again = await stage.startWorker('again', { versions: both });
    await stage.output(approvals, 'approval.resolved');
    expect(stage.calls).toHaveLength(1);
  });

  it('give what only lost code could go on with to an operator, as a dead letter that says so', async () => {
    await using stage = await startWorkerStage(inject('redisUrl'));
    await stage.say('Please delete all records of project Apollo');
    const asked = await stage.output(approvals, 'approval.requested');
    await stage.worker.stop();
    await using _next = await stage.startWorker('next', { versions: [secondVersion] });
    await stage.decide(asked.body.approval.id, {});
    const dead = stage.keys.stream(stage.partition, 'dead');
    const [[, fields] = ['', []]] = await eventually(async () => {
      const letters = await stage.redis.xrange(dead, '-', '+');
      return letters.length > 0 ? letters : undefined;
    });
    expect(fields[fields.indexOf('reason') + 1]).toContain('waits on version 1 of the graph');
    expect(stage.calls).toEqual([]);
  });
});
