import { describe, expect, inject, it } from 'vitest';
import type { Body } from '#contract/bodies';
import type { EntryOf } from '#contract/entry';
import { partitionOf } from '#contract/partition-of';
import { eventually } from '../support/eventually.ts';
import type { MatrixEvent } from '../support/matrix-user.ts';
import { sampleApproval } from '../support/sample-approval.ts';
import { kindOf, openStage, type Stage } from './egress-stage.ts';

const redisUrl = inject('redisUrl');

async function raise(stage: Stage, body: Body<'notice.raised'>, id = '$turn#notice'): Promise<void> {
  const { session } = stage;
  const at = new Date().toISOString();
  const entry: EntryOf<'notice.raised'> = { type: 'notice.raised', id, session, turn: '$turn', at, body };
  await stage.transport.publisher.publish('approvals', entry);
}

const messages = (stage: Stage, count: number): Promise<MatrixEvent[]> =>
  eventually(async () => {
    const found = (await stage.sent(stage.adminRoom)).filter(({ type }) => type === 'm.room.message');
    return found.length >= count && found;
  });

describe('egress, notices', () => {
  it('tells the admin room, once, as a message of its own that notifies nobody', async () => {
    await using stage = await openStage(redisUrl);
    await stage.startEgress();
    const body = { text: '**Three people** of one organisation report `ci`', approval: null };
    await raise(stage, body);
    await raise(stage, body);
    await raise(stage, { text: 'Another one', approval: null }, '$turn#other');
    const [first, second, ...more] = await messages(stage, 2);
    expect(first?.content).toEqual({
      msgtype: 'm.notice',
      body: '**Three people** of one organisation report `ci`',
      format: 'org.matrix.custom.html',
      formatted_body: '<p><strong>Three people</strong> of one organisation report <code>ci</code></p>',
      'm.mentions': {},
      'dev.vagent': {
        kind: 'status',
        session: stage.session,
        turn: '$turn',
        entry: expect.stringMatching(/-/),
      },
    });
    expect(second?.content['body']).toBe('Another one');
    expect(more).toEqual([]);
    expect(await stage.sent()).toEqual([]);
  });

  it('puts what is about an approval into the thread of its prompt', async () => {
    await using stage = await openStage(redisUrl);
    await stage.startEgress();
    const approval = sampleApproval({ session: stage.session });
    await stage.publish('approval.requested', '$turn', { approval });
    const [prompt] = await messages(stage, 1);
    await raise(stage, { text: 'The procedure is kept for review', approval: approval.id });
    const [, notice] = await messages(stage, 2);
    expect(kindOf(notice)).toBe('status');
    expect(notice?.content).toMatchObject({
      'm.mentions': {},
      'm.relates_to': { rel_type: 'm.thread', event_id: prompt?.event_id },
      'dev.vagent': { approval: approval.id },
    });
  });

  it('goes to the room itself where the prompt is not known', async () => {
    await using stage = await openStage(redisUrl);
    await stage.startEgress();
    await raise(stage, { text: 'Somebody must look', approval: sampleApproval().id });
    const [notice] = await messages(stage, 1);
    expect(notice?.content['body']).toBe('Somebody must look');
    expect(notice?.content['m.relates_to']).toBeUndefined();
  });

  it('splits what one event cannot hold, and says nothing where there is nothing to say', async () => {
    await using stage = await openStage(redisUrl);
    await stage.startEgress();
    await raise(stage, { text: '  ', approval: null }, '$turn#empty');
    await raise(stage, { text: 'A line of a long report.\n\n'.repeat(1_000), approval: null });
    const parts = await messages(stage, 2);
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.map(({ content }) => content['dev.vagent'])).toMatchObject([{}, { part: 1 }]);
    expect(await stage.dead()).toEqual([]);
  });

  it('F66: takes back what quotes a message that was redacted, from the room and from the stream', async () => {
    await using stage = await openStage(redisUrl);
    await stage.startEgress();
    const { redis, keys } = stage.transport;
    const long = { text: 'She wrote a line of it.\n\n'.repeat(3_000), approval: null };
    await raise(stage, long, '$turn#notice-relay');
    await raise(stage, { text: 'Another one', approval: null }, '$other#notice-relay');
    const before = await eventually(async () => {
      const told = await messages(stage, 2);
      return told.at(-1)?.content['body'] === 'Another one' && told;
    });
    expect(before.length).toBeGreaterThan(2);
    const partition = partitionOf(stage.session, stage.transport.partitions);
    const key = keys.stream(partition, 'approvals');
    const [[entry] = ['']] = await redis.xrange(key, '-', '+', 'COUNT', 1);
    const withdraws = { notice: '$turn#notice-relay', entry };
    await raise(stage, { text: '', approval: null, withdraws }, '$redaction#withdrawn');
    const kept = before.at(-1)?.event_id;
    await eventually(async () => {
      const told = await messages(stage, before.length);
      return told.every(({ event_id, content }) => event_id === kept || content['body'] === undefined);
    });
    await eventually(async () => (await redis.xrange(key, entry, entry)).length === 0);
  });
});
