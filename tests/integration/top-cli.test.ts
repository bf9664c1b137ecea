import { Redis } from 'ioredis';
import { afterAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { approvalCodeOf, approvalIdOf } from '#contract/approval';
import type { Keys } from '#contract/keys';
import { createPublisher } from '#streams/publish';
import { redisAt } from '../support/redis-at.ts';
import { sampleApproval } from '../support/sample-approval.ts';
import { messageEntry, startTestConsumer } from '../support/test-consumer.ts';
import { runCli } from './cli-process.ts';
import { cliPartition, cliPartitions, cliSession, openCliStage } from './cli-stage.ts';

const url = inject('redisUrl');
const redis = new Redis(url);
afterAll(() => redis.quit());

const partitions = cliPartitions;
const session = cliSession;
const partition = cliPartition;
let prefix: string;
let keys: Keys;
let env: Record<string, string>;

beforeEach(async () => {
  ({ prefix, keys, env } = await openCliStage(redis, url, 'top'));
});

describe('vagent top --once', () => {
  it('shows who works, what waits and what waits for a human, as plain text', async () => {
    const id = approvalIdOf(session, '$turn', 'i');
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    const approval = sampleApproval({ id, session, requestedAt: new Date().toISOString(), expiresAt });
    await redis.hset(keys.approval(partition, id), { record: JSON.stringify(approval), status: 'pending' });
    await redis.hset(keys.openApprovals(partition), approvalCodeOf(id), id);
    const held = Promise.withResolvers<void>();
    const handle = async () => {
      await held.promise;
      return { outcome: 'replied' };
    };
    await using _ = await startTestConsumer(redisAt(url), prefix, 'busy-1-abc', { handle });
    await createPublisher({ redis, keys, partitions }).publish('inbound', messageEntry(1));
    const { code, stdout, stderr } = await runCli(['top', '--once'], env);
    held.resolve();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^turns\/s: \d/);
    expect(stdout).toContain('busy-1-abc');
    expect(stdout).toMatch(new RegExp(`${partition}  inbound +\\d+ +\\d+`));
    expect(stdout).toContain(approvalCodeOf(id));
    expect(stdout).not.toContain('\u001b');
  });

  it('is one object as JSON, also of a Redis that holds next to nothing', async () => {
    const { code, stdout } = await runCli(['top', '--json'], env);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ members: [], approvals: [], sessions: [], finished: 0 });
  });

  it('refuses an order that it does not know', async () => {
    expect(await runCli(['top', '--once', '--sort', 'colour'], env)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--sort is "colour"'),
    });
  });
});
