import { describe, expect, it } from 'vitest';
import { createHomeserver } from '../../services/homeserver/homeserver.ts';
import { EncryptedUser } from './encrypted-user.ts';
import { MatrixUser } from './matrix-user.ts';

async function twoPeople() {
  const homeserver = createHomeserver({});
  await homeserver.start();
  const open = async (name: string): Promise<EncryptedUser> =>
    EncryptedUser.open(await MatrixUser.register(homeserver.url, name), { isSigned: name === 'ana' });
  const [ana, ben] = [await open('ana'), await open('ben')];
  const room = await ana.createEncryptedRoom();
  await ben.join(room);
  return { ana, ben, room, [Symbol.asyncDispose]: () => homeserver.stop() };
}

describe('EncryptedUser', () => {
  it('exchanges texts, threads, edits and files that the homeserver cannot read', async () => {
    await using stage = await twoPeople();
    const { ana, ben, room } = stage;
    const root = await ana.say(room, 'a question');
    await ben.waitFor(room, ({ content }) => content['body'] === 'a question');
    await ben.say(room, 'an answer', { thread: root });
    const answer = await ana.waitFor(room, ({ content }) => content['body'] === 'an answer');
    expect(answer).toMatchObject({
      isEncrypted: true,
      content: { 'm.relates_to': { rel_type: 'm.thread', event_id: root } },
    });
    await ana.edit(room, root, 'another question');
    await ben.waitFor(room, ({ content }) => content['body'] === '* another question');
    const bytes = Buffer.from('a picture');
    const file = await ana.sendFile(room, bytes, {
      name: 'x.png',
      mimetype: 'image/png',
      msgtype: 'm.image',
    });
    const read = await ben.waitFor(
      room,
      ({ event_id, type }) => event_id === file && type === 'm.room.message',
    );
    expect(Buffer.from(await ben.readFile(Object(read.content['file'])))).toEqual(bytes);
    const raw = JSON.stringify(
      await ana.request('GET', `/v3/rooms/${encodeURIComponent(room)}/messages`, {
        query: { dir: 'b', limit: '100' },
      }),
    );
    expect(raw).not.toMatch(/question|answer|x\.png/);
  });

  it('holds keys back, lets them come late, and makes new ones', async () => {
    await using stage = await twoPeople();
    const { ana, ben, room } = stage;
    ana.holdKeys(ben.userId);
    const late = await ana.say(room, 'late');
    const sealed = await ben.waitFor(room, ({ event_id }) => event_id === late);
    expect(sealed.type).toBe('m.room.encrypted');
    await ana.releaseKeys();
    await ben.waitFor(room, ({ content }) => content['body'] === 'late');
    await ana.newSession(room);
    const next = await ana.say(room, 'next');
    await ben.waitFor(room, ({ content }) => content['body'] === 'next');
    const session = (await ana.event(room, next)).content['session_id'];
    expect(session).not.toBe(sealed.content['session_id']);
  });
});
