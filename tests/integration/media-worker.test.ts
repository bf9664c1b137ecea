import { describe, expect, inject, it } from 'vitest';
import type { Body } from '#contract/bodies';
import type { KeptFile } from '#contract/kept-file';
import { eventually } from '../support/eventually.ts';
import { messageEntry } from '../support/test-consumer.ts';
import { startWorkerStage } from '../support/worker-stage.ts';

const redisUrl = inject('redisUrl');

type Attachment = Body<'message.received'>['attachments'][number];
type WorkerStage = Awaited<ReturnType<typeof startWorkerStage>>;

const attachment = (name: string, more: Partial<Attachment>): Attachment => ({
  name,
  mimetype: null,
  size: null,
  url: 'mxc://localhost/abc',
  ...more,
});

async function keep(stage: WorkerStage, file: KeptFile): Promise<string> {
  const key = stage.keys.media(stage.partition, file.id);
  await stage.redis.set(key, JSON.stringify(file), 'PX', 60_000);
  return key;
}

let number = 0;
async function say(stage: WorkerStage, text: string, attachments: Attachment[]): Promise<string> {
  number += 1;
  const entry = messageEntry(1_000 + number, { text });
  if (entry.type !== 'message.received') throw new Error('a message');
  await stage.publisher.publish('inbound', { ...entry, body: { ...entry.body, attachments } });
  const reply = await eventually(async () =>
    (await stage.entries('outbound', 'reply.finished')).find(({ turn }) => turn === entry.id),
  );
  return reply.body.text;
}

describe('a worker without a model', () => {
  it('says that it cannot look at files, answers the rest, and deletes the bytes with its commit', async () => {
    await using stage = await startWorkerStage(redisUrl);
    const content = { kind: 'bytes', base64: 'AAEC' } as const;
    const key = await keep(stage, { id: 'one', content });
    const kept = { id: 'one', mimetype: 'image/png', bytes: 3 };
    const text = await say(stage, 'How do I reset my 2FA?', [attachment('a.png', { kept })]);
    expect(text).toMatch(/two-factor|2FA/i);
    expect(text.match(/`a\.png`: I cannot look at images here/g)).toHaveLength(1);
    expect(await stage.redis.exists(key)).toBe(0);
    const everything = await stage.redis.keys(`${stage.keys.settings().replace(/settings$/, '')}*`);
    expect(everything.filter((one) => one.includes(':media:'))).toEqual([]);
  });

  it('tells of every file why it is of no use, also where there is nothing else to answer', async () => {
    await using stage = await startWorkerStage(redisUrl);
    const refusals = {
      too_large: /too large/,
      type: /of a type/,
      unreachable: /could not be fetched/,
      undecryptable: /could not be decrypted/,
      blocked: /personal data/,
      limited: /too many others/,
    } as const;
    for (const [refused, words] of Object.entries(refusals)) {
      // Its own keys, which TypeScript widens.
      const file = attachment('x.bin', { refused: refused as keyof typeof refusals });
      expect(await say(stage, '', [file])).toMatch(words);
    }
    expect(await say(stage, ' ', [])).toContain('found none in your message');
  });

  it('takes no file that lies in the place of another, is broken, or is gone', async () => {
    await using stage = await startWorkerStage(redisUrl);
    const kept = (id: string) => ({ kept: { id, mimetype: 'text/plain', bytes: 3 } });
    await keep(stage, { id: 'mine', content: { kind: 'text', text: 'moved', isCut: false } });
    await stage.redis.rename(
      stage.keys.media(stage.partition, 'mine'),
      stage.keys.media(stage.partition, 'moved'),
    );
    await stage.redis.set(stage.keys.media(stage.partition, 'broken'), '{"id":');
    const files = ['moved', 'broken', 'gone'].map((id) => attachment(`${id}.txt`, kept(id)));
    const text = await say(stage, '', files);
    expect(text.match(/is no longer there/g)).toHaveLength(3);
  });
});
