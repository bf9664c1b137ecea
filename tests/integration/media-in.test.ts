import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { EntryOf } from '#contract/entry';
import { keptFile } from '#contract/kept-file';
import { partitionOf } from '#contract/partition-of';
import { encryptMedia } from '#crypto/media/encrypt-media';
import { createPayloadCipher } from '#runtime/create-payload-cipher';
import { eventually } from '../support/eventually.ts';
import { IngressWorld } from './ingress-world.ts';
import { png } from './media-samples.ts';

const maxBytes = 64 * 1024;
let world: IngressWorld;
let room: string;

beforeAll(async () => {
  world = await IngressWorld.start(inject('redisUrl'), {
    env: { MEDIA_MAX_BYTES: String(maxBytes) },
  });
  room = await world.room();
  const ingress = await world.ingress();
  await ingress.ready();
});
afterAll(() => world[Symbol.asyncDispose]());

async function upload(bytes: Uint8Array, type = 'application/octet-stream'): Promise<string> {
  const answer = await fetch(`${world.homeserver.url}/_matrix/media/v3/upload`, {
    method: 'POST',
    headers: { authorization: `Bearer ${world.alice.accessToken}`, 'content-type': type },
    body: Buffer.from(bytes),
  });
  return String(Object(await answer.json()).content_uri);
}

/** Alice sends a message with a file; its entry, once it is published. */
async function send(content: Record<string, unknown>, where = room): Promise<EntryOf<'message.received'>> {
  const event = await world.alice.send(where, content);
  return eventually(async () => (await world.entriesOf('message.received')).find(({ id }) => id === event), {
    withinMs: 15_000,
    what: 'the message is published',
  });
}

async function contentOf({ session, body }: EntryOf<'message.received'>) {
  const id = body.attachments[0]?.kept?.id ?? '';
  const key = world.keys.media(partitionOf(session, 4), id);
  const kept = keptFile.parse(JSON.parse((await world.redis.get(key)) ?? 'null'));
  return { ...kept.content, ttlMs: await world.redis.pttl(key) };
}

async function keptKeys(): Promise<string[]> {
  return world.redis.keys(`${world.keys.settings().replace(/settings$/, '')}*:media:*`);
}

describe('a file in a message that is let in', () => {
  it('is kept with its bytes, under what it is and not what it says', async () => {
    const bytes = png(30, 20);
    const entry = await send({
      msgtype: 'm.image',
      body: 'What is this?',
      filename: '../\u202egnp.evil.png',
      url: await upload(bytes, 'text/html'),
      info: { mimetype: 'text/html', size: 3 },
    });
    expect(entry.body.text).toBe('What is this?');
    expect(entry.body.attachments).toMatchObject([
      { name: 'gnp.evil.png', kept: { mimetype: 'image/png', bytes: bytes.length } },
    ]);
    const content = await contentOf(entry);
    expect(content).toMatchObject({ kind: 'bytes', base64: bytes.toString('base64') });
    expect(content.ttlMs).toBeGreaterThan(23 * 60 * 60 * 1000);
  });

  it('has no text where it has no caption', async () => {
    const entry = await send({
      msgtype: 'm.file',
      body: 'a.csv',
      url: await upload(Buffer.from('a,b\n1,2')),
    });
    expect(entry.body.text).toBe('');
    expect(entry.body.attachments).toMatchObject([
      { name: 'a.csv', kept: { mimetype: 'text/plain', bytes: 7 } },
    ]);
    expect(await contentOf(entry)).toMatchObject({ kind: 'text', text: 'a,b\n1,2', isCut: false });
  });

  it('loses personal data before it is kept, like what people write', async () => {
    const text = 'Write to eve.canary@example.org, please';
    const entry = await send({ msgtype: 'm.file', body: 'a.txt', url: await upload(Buffer.from(text)) });
    const content = await contentOf(entry);
    expect(content).toMatchObject({
      kind: 'text',
      text: expect.stringMatching(/^Write to \[EMAIL.*\], please$/),
    });
    expect(JSON.stringify(await world.entries())).not.toContain('eve.canary');
  });

  it('is opened where it is encrypted, and its key is kept nowhere', async () => {
    const bytes = png(5, 5);
    const { ciphertext, key } = encryptMedia(bytes);
    const file = { ...key, url: await upload(ciphertext) };
    const entry = await send({ msgtype: 'm.image', body: 'x.png', file, info: { thumbnail_file: file } });
    expect(entry.body.attachments).toMatchObject([{ kept: { mimetype: 'image/png' } }]);
    expect(await contentOf(entry)).toMatchObject({ base64: bytes.toString('base64') });
    expect(JSON.stringify(await world.entries())).not.toContain(key.key.k);
  });

  it('whose hash is another, or whose key cannot be used, is refused', async () => {
    const { ciphertext, key } = encryptMedia(png());
    const changed = Buffer.from(ciphertext);
    changed.writeUInt8(changed.readUInt8(20) ^ 1, 20);
    const url = await upload(changed);
    for (const file of [{ ...key, url }, { url }, { ...key, key: { ...key.key, k: 'short' }, url }]) {
      const entry = await send({ msgtype: 'm.image', body: 'x.png', file });
      expect(entry.body.attachments).toMatchObject([{ refused: 'undecryptable' }]);
    }
  });

  it('leaves no key in a dead letter either', async () => {
    const { key } = encryptMedia(png());
    const event = await world.alice.send(room, { msgtype: 'm.image', body: 'x', file: key });
    const letter = await eventually(async () => (await world.deadLetters()).find(({ id }) => id === event));
    expect(letter['raw']).toContain('hashes');
    expect(letter['raw']).not.toContain(key.key.k);
  });

  it.each([
    ['HTML called a PNG', Buffer.from('<!doctype html><script>alert(1)</script>'), 'type'],
    ['SVG called a PNG', Buffer.from('<svg onload="alert(1)"/>'), 'type'],
    ['a zip archive called a PNG', Buffer.from('PK\u0003\u0004\u0014\u0000'), 'type'],
    ['a PNG of 50,000 x 50,000', png(1, 1, { width: 50_000, height: 50_000 }), 'type'],
    ['more bytes than it says', Buffer.alloc(maxBytes + 1, 'a'), 'too_large'],
  ])('T14: is refused when it is %s, and its message goes on', async (_, bytes, refused) => {
    const entry = await send({
      msgtype: 'm.image',
      body: 'Please look',
      filename: 'x.png',
      url: await upload(bytes, 'image/png'),
      info: { mimetype: 'image/png', size: 10 },
    });
    expect(entry.body.text).toBe('Please look');
    expect(entry.body.attachments).toMatchObject([{ name: 'x.png', refused }]);
    expect(entry.body.attachments[0]).not.toHaveProperty('kept');
  });

  it('T14: is not asked for elsewhere, and is refused where it is not there', async () => {
    for (const url of ['mxc://localhost/nothing', 'mxc://127.0.0.1:1/x', 'mxc://localhost/..%2f..%2fx']) {
      const entry = await send({ msgtype: 'm.file', body: 'x.txt', url });
      expect(entry.body.attachments).toMatchObject([{ refused: 'unreachable' }]);
    }
  });
});

describe('a file that is not to be fetched', () => {
  it('stays where it is: of a message that is not meant for the bot', async () => {
    const busy = await world.room([world.bob]);
    const url = await upload(Buffer.from('not for the bot'));
    const before = (await keptKeys()).length;
    await world.alice.send(busy, { msgtype: 'm.file', body: 'x.txt', url });
    await send({ msgtype: 'm.text', body: 'still there?' });
    expect(await keptKeys()).toHaveLength(before);
  });
});

describe('with a payload key', () => {
  it('what is kept is sealed', async () => {
    const PAYLOAD_KEY = randomBytes(32).toString('base64');
    await using sealed = await IngressWorld.start(inject('redisUrl'), { env: { PAYLOAD_KEY } });
    const own = await sealed.room();
    const ingress = await sealed.ingress();
    await ingress.ready();
    const answer = await fetch(`${sealed.homeserver.url}/_matrix/media/v3/upload`, {
      method: 'POST',
      headers: { authorization: `Bearer ${sealed.alice.accessToken}` },
      body: 'a secret file',
    });
    const url = String(Object(await answer.json()).content_uri);
    await sealed.alice.send(own, { msgtype: 'm.file', body: 'x.txt', url });
    const [key = ''] = await eventually(async () => {
      const found = await sealed.redis.keys(`${sealed.keys.settings().replace(/settings$/, '')}*:media:*`);
      return found.length > 0 && found;
    });
    const value = (await sealed.redis.get(key)) ?? '';
    expect(value).not.toContain('secret');
    const opened = createPayloadCipher(PAYLOAD_KEY).open(value, 'entry body');
    expect(keptFile.parse(JSON.parse(opened)).content).toMatchObject({ text: 'a secret file' });
  });
});

describe('somebody who sends file after file', () => {
  it('has no more fetched than an hour allows, while their messages go on', async () => {
    const room = await world.room([world.bob]);
    const url = await upload(Buffer.alloc(maxBytes, 'a'));
    const refused: (string | undefined)[] = [];
    for (let n = 0; n < 22; n += 1) {
      const event = await world.bob.send(room, {
        msgtype: 'm.file',
        body: `${world.bot.userId} and this?`,
        filename: `${n}.txt`,
        'm.mentions': { user_ids: [world.bot.userId] },
        url,
      });
      const entry = await eventually(async () =>
        (await world.entriesOf('message.received')).find(({ id }) => id === event),
      );
      refused.push(entry.body.attachments[0]?.refused);
    }
    expect(refused.slice(0, 20)).toEqual(refused.slice(0, 20).map(() => undefined));
    expect(refused.slice(20)).toEqual(['limited', 'limited']);
  });
});
