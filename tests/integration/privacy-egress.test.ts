import { describe, expect, inject, it } from 'vitest';
import { partitionOf } from '#contract/partition-of';
import { formatSessionId } from '#contract/session-id';
import { createVault } from '#privacy/vault';
import { eventually } from '../support/eventually.ts';
import { openStage, type Stage } from './egress-stage.ts';

const redisUrl = inject('redisUrl');
const item = { placeholder: '[EMAIL-7F3K2Q9D]', value: 'ann_b_c@example.org' };

async function reply(stage: Stage, text: string): Promise<{ body: string; html: string }> {
  const body = { reply: '$q', text, replyTo: null, revision: 1 };
  await stage.publish('reply.finished', '$q', body);
  return first(stage);
}

async function first(stage: Stage, room = stage.room): Promise<{ body: string; html: string }> {
  const [event] = await eventually(async () => {
    const sent = await stage.sent(room);
    return sent.length > 0 && sent;
  });
  return { body: String(event?.content['body']), html: String(event?.content['formatted_body']) };
}

describe('egress, personal data', () => {
  it('puts values back as they were, and reads none of them as Markdown or HTML', async () => {
    await using stage = await openStage(redisUrl);
    const key = { placeholder: '[API_KEY-0123ABCD]', value: 'a1*b*<img src=x>&"' };
    await createVault(stage.transport).save(stage.session, [item, key]);
    await stage.startEgress();
    const shown = await reply(
      stage,
      'To [EMAIL-7F3K2Q9D], `[EMAIL-7F3K2Q9D]`, \\[EMAIL-7F3K2Q9D\\] and [API_KEY-0123ABCD]',
    );
    expect(shown.body).toBe(
      'To ann_b_c@example.org, `ann_b_c@example.org`, ann_b_c@example.org and a1*b*<img src=x>&"',
    );
    expect(shown.html).toBe(
      '<p>To ann_b_c@example.org, <code>ann_b_c@example.org</code>, ann_b_c@example.org and a1*b*&lt;img src=x&gt;&amp;&quot;</p>',
    );
  });

  it('never shows the data of another session, nor what was moved there', async () => {
    await using stage = await openStage(redisUrl);
    const other = formatSessionId({ room: stage.room, thread: null, user: '@bob:localhost' });
    await createVault(stage.transport).save(other, [item]);
    const { redis, keys } = stage.transport;
    const vaultOf = (session: string) => keys.vault(partitionOf(session, 2), session);
    const stolen = await redis.hgetall(vaultOf(other));
    await redis.hset(vaultOf(stage.session), stolen);
    await stage.startEgress();
    const shown = await reply(stage, 'Write to [EMAIL-7F3K2Q9D] or [IP-00000000]');
    expect(shown.body).toBe('Write to [EMAIL-7F3K2Q9D] or [IP-00000000]');
    expect(shown.html).toBe('<p>Write to [EMAIL-7F3K2Q9D] or [IP-00000000]</p>');
  });

  it.each([
    [
      'a status',
      (stage: Stage, text: string) =>
        stage.publish('turn.status', '$q', { state: 'waiting', replyTo: null, text, approval: null }),
    ],
    [
      'a failure',
      (stage: Stage, text: string) =>
        stage.publish('turn.failed', '$q', { replyTo: null, reason: 'x', text }),
    ],
    [
      'a draft',
      (stage: Stage, text: string) =>
        stage.publish('reply.drafted', '$q', {
          reply: '$q',
          text: `${text}[EMAIL-7F`,
          replyTo: null,
          revision: 1,
        }),
    ],
  ])('puts values back into %s', async (_, publish) => {
    await using stage = await openStage(redisUrl);
    await createVault(stage.transport).save(stage.session, [item]);
    await stage.startEgress();
    await publish(stage, 'We write to [EMAIL-7F3K2Q9D] ');
    expect((await first(stage)).body.trim()).toBe('We write to ann_b_c@example.org');
  });
});

describe('the vault', () => {
  it('keeps what was put in first under a placeholder, and forgets the oldest beyond its size', async () => {
    await using stage = await openStage(redisUrl);
    const vault = createVault({ ...stage.transport, mostItems: 2, ttlMs: 60_000 });
    const items = ['A', 'B', 'C'].map((sign) => ({
      placeholder: `[IP-0000000${sign}]`,
      value: `of ${sign}`,
    }));
    const placeholders = items.map(({ placeholder }) => placeholder);
    await vault.save(stage.session, items.slice(0, 2));
    await vault.save(stage.session, items.slice(0, 2));
    expect([...(await vault.read(stage.session, placeholders)).values()]).toEqual(['of A', 'of B']);
    await vault.save(stage.session, items.slice(2));
    expect([...(await vault.read(stage.session, placeholders)).values()]).toEqual(['of B', 'of C']);
    const { redis, keys } = stage.transport;
    const partition = partitionOf(stage.session, 2);
    for (const key of [keys.vault(partition, stage.session), keys.vaultOrder(partition, stage.session)]) {
      expect(await redis.pttl(key)).toBeGreaterThan(50_000);
    }
  });

  it('leaves out what does not open, and tells of it', async () => {
    await using stage = await openStage(redisUrl);
    const told: unknown[] = [];
    const openBody = (): string => {
      throw new Error('another key');
    };
    const vault = createVault({ ...stage.transport, openBody, onUnreadable: (error) => told.push(error) });
    await vault.save(stage.session, [item]);
    await expect(vault.read(stage.session, [item.placeholder])).resolves.toEqual(new Map());
    expect(told).toHaveLength(1);
  });
});
