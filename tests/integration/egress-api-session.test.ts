import { describe, expect, inject, it } from 'vitest';
import { apiSessionOf } from '#contract/api-session';
import { partitionOf } from '#contract/partition-of';
import { newTrace } from '#runtime/trace';
import { eventually } from '../support/eventually.ts';
import { sampleApproval } from '../support/sample-approval.ts';
import { openStage } from './egress-stage.ts';

describe('egress and conversations over HTTP', () => {
  it('posts nothing of them to the homeserver, but for what the admin room decides', async () => {
    await using stage = await openStage(inject('redisUrl'));
    const session = apiSessionOf(stage.alice.userId, 'main');
    const at = new Date().toISOString();
    const common = { session, turn: '$turn', at, trace: newTrace() };
    const body = { reply: '$turn', text: 'to nobody on Matrix', replyTo: null, revision: 1 };
    const { publisher } = stage.transport;
    await publisher.publish('outbound', { ...common, type: 'reply.finished', id: '$turn#reply', body });
    const approval = sampleApproval({ session });
    await publisher.publish('approvals', {
      ...common,
      type: 'approval.requested',
      id: '$turn#approval',
      body: { approval },
    });
    const stop = await stage.startEgress();
    const posted = await eventually(
      async () => {
        const events = await stage.sent(stage.adminRoom);
        return events.length > 0 ? events : undefined;
      },
      { withinMs: 10_000, what: 'the prompt in the admin room' },
    );
    expect(JSON.stringify(posted)).toContain(approval.id);
    const { redis, keys, partitions } = stage.transport;
    const outbound = keys.stream(partitionOf(session, partitions), 'outbound');
    await eventually(async () => (await redis.xpending(outbound, 'egress'))[0] === 0, {
      what: 'the end of the reply',
    });
    expect(await stage.dead()).toEqual([]);
    await stop();
  });
});
