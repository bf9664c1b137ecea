import { describe, expect, inject, it } from 'vitest';
import { tellStory } from '#operations/story/tell-story';
import type { Transport } from '#streams/open-transport';
import { eventually } from '../support/eventually.ts';
import { startWorkerStage } from '../support/worker-stage.ts';

const url = inject('redisUrl');

describe('a story', () => {
  it('finds the audit lines of its turns among thousands of others', async () => {
    await using stage = await startWorkerStage(url);
    const { redis, keys, partition } = stage;
    // What telling reads of a transport.
    const transport = {
      redis,
      keys,
      partitions: 4,
      openBody: (text: string) => text,
    } as unknown as Transport;
    const audit = keys.stream(partition, 'audit');
    const others = redis.pipeline();
    for (let line = 1; line <= 3_000; line++)
      others.xadd(audit, `${line}-0`, 'type', 'other', 'approval', 'X');
    await others.exec();
    await stage.say('Please delete all records of project Apollo');
    const { approval } = (await stage.output('approvals', 'approval.requested')).body;
    await stage.decide(approval.id, {}, '$approved');
    await stage.output('outbound', 'reply.finished');
    const story = await eventually(async () => {
      const told = await tellStory(transport, approval.id);
      return told.turns.length === 2 && told;
    });
    expect(story.audit.map((line) => line['type'])).toEqual([
      'approval.requested',
      'permit.started',
      'decision.counted',
      'permit.used',
      'approval.resolved',
    ]);
    expect(story.gaps).toEqual([]);
    const words = story.lines.map(({ text }) => text);
    expect(words).toContain(`@rita:localhost approved ${approval.id.slice(0, 6)}`);
    expect(words).toContain('Tool delete_records was used');
    expect(JSON.stringify(story.audit)).not.toContain('"hash"');
    const byTurn = await tellStory(transport, '$approved');
    expect(byTurn.turns.map(({ turn }) => turn)).toEqual(story.turns.map(({ turn }) => turn));
  }, 360_000);
});
