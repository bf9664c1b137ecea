import { describe, expect, inject, it } from 'vitest';
import { keptFile } from '#contract/kept-file';
import { partitionOf } from '#contract/partition-of';
import { startEncryptedStage } from './ingress-encrypted-stage.ts';
import { png } from './media-samples.ts';

const redisUrl = inject('redisUrl');

describe('a file in an encrypted room', () => {
  it('as a client sends it is opened and kept, and what opens it is nowhere in Redis', async () => {
    await using stage = await startEncryptedStage(redisUrl);
    const { alice, world } = stage;
    const ingress = await world.ingress();
    await ingress.ready();
    await stage.deviceIsUp();
    const room = await stage.room();
    const bytes = png(7, 7);
    const file = { name: 'screen.png', mimetype: 'image/png', msgtype: 'm.image' } as const;
    const sent = await alice.sendFile(room, bytes, file);
    const [message] = await stage.waitForMessages(1);
    expect(message).toMatchObject({
      eventId: sent,
      encrypted: true,
      text: '',
      attachments: [{ name: 'screen.png', kept: { mimetype: 'image/png', bytes: bytes.length } }],
    });
    const id = message?.attachments[0]?.kept?.id ?? '';
    const [entry] = await world.entriesOf('message.received');
    const partition = partitionOf(entry?.session ?? '', 4);
    const kept = await world.redis.get(world.keys.media(partition, id));
    expect(keptFile.parse(JSON.parse(kept ?? 'null')).content).toEqual({
      kind: 'bytes',
      base64: bytes.toString('base64'),
    });
    const event = await alice.event(room, sent);
    expect(event.type).toBe('m.room.encrypted');
    expect(JSON.stringify(entry)).not.toMatch(/A256CTR|hashes|"k"/);
  });
});
