import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { IngressWorld } from './ingress-world.ts';

const redisUrl = inject('redisUrl');
let world: IngressWorld;
let openRoom: string;
let closedRoom: string;

beforeAll(async () => {
  world = await IngressWorld.start(redisUrl);
  openRoom = await world.room([world.bob]);
  closedRoom = await world.room([world.bob]);
  await world.bot.request('PUT', `/v3/profile/${encodeURIComponent(world.bot.userId)}/displayname`, {
    body: { displayname: 'Desk Helper' },
  });
  const ingress = await world.ingress({ OPEN_ROOMS: openRoom });
  await ingress.ready();
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

/** What is let in of what `send` sends into the room, by a last message that surely is. */
async function letIn(room: string, send: (room: string) => Promise<unknown>) {
  const known = new Set((await world.entries()).map(({ id }) => id));
  await send(room);
  const end = `end ${crypto.randomUUID()}`;
  await world.alice.say(room, end, { mention: world.bot.userId });
  await world.waitForTexts([end]);
  return (await world.entries()).filter(
    ({ id, body }) => !known.has(id) && !('text' in body && body.text === end),
  );
}

const text = (body: string, more: Record<string, unknown> = {}) => ({ msgtype: 'm.text', body, ...more });
const inReplyTo = (eventId: string) => ({ 'm.relates_to': { 'm.in_reply_to': { event_id: eventId } } });

describe('in a room with others', () => {
  it.each([
    {
      name: 'm.mentions',
      content: () => text('look at this', { 'm.mentions': { user_ids: [world.bot.userId] } }),
      said: 'look at this',
    },
    { name: 'the user id and a colon', content: () => text(`${world.bot.userId}: do it`), said: 'do it' },
    { name: 'the user id', content: () => text(`${world.bot.userId} do it`), said: 'do it' },
    { name: 'the display name and a colon', content: () => text('Desk Helper: do it'), said: 'do it' },
    { name: '@ and the display name', content: () => text('@desk helper do it'), said: 'do it' },
    { name: 'the local part and a comma', content: () => text('vagent, do it'), said: 'do it' },
    { name: '@ and the local part', content: () => text('@vagent do it'), said: 'do it' },
    { name: 'a name alone', content: () => text('@vagent'), said: '@vagent' },
  ])('takes $name for an address', async ({ content, said }) => {
    const [entry, ...others] = await letIn(closedRoom, (room) => world.alice.send(room, content()));
    expect(others).toEqual([]);
    expect(entry).toMatchObject({ type: 'message.received', body: { text: said, direct: false } });
  });

  it.each([
    { name: 'talk', content: () => text('hello all') },
    { name: 'a name that only begins alike', content: () => text('vagents: hello') },
    { name: 'a user id of another server', content: () => text('@vagent:elsewhere.org hello') },
    { name: 'a name in the middle', content: () => text('ask Desk Helper: now') },
    {
      name: 'a mention of another one',
      content: () => text('hi', { 'm.mentions': { user_ids: [world.bob.userId] } }),
    },
    { name: 'a notice, even to the bot', content: () => ({ msgtype: 'm.notice', body: 'vagent: hello' }) },
    {
      name: 'what another vagent sent',
      content: () => text('vagent: hi', { 'dev.vagent': { kind: 'reply' } }),
    },
    { name: 'a place', content: () => ({ msgtype: 'm.location', body: 'vagent: here', geo_uri: 'geo:1,2' }) },
    {
      name: 'formatted_body',
      content: () => text('hi', { format: 'org.matrix.custom.html', formatted_body: 'vagent: hi' }),
    },
  ])('ignores $name', async ({ content }) => {
    expect(await letIn(closedRoom, (room) => world.alice.send(room, content()))).toEqual([]);
  });

  it('takes a reply to the bot, and not one to somebody else', async () => {
    const own = await world.bot.say(closedRoom, 'I am the bot');
    const others = await world.bob.say(closedRoom, 'I am not');
    const entries = await letIn(closedRoom, async (room) => {
      await world.alice.send(room, {
        ...text('> <@vagent:localhost> I am the bot\n\nthanks'),
        ...inReplyTo(own),
      });
      await world.alice.reply(room, others, 'hi bob');
    });
    expect(entries.map(({ body }) => body)).toMatchObject([{ text: 'thanks', replyTo: own }]);
  });

  it('needs no mention where the room is open', async () => {
    const [entry] = await letIn(openRoom, (room) => world.alice.say(room, 'anyone?'));
    expect(entry).toMatchObject({ body: { text: 'anyone?' } });
  });

  it('makes a session of each thread and each person', async () => {
    const root = await world.bob.say(openRoom, 'root');
    await world.waitForTexts(['root']);
    const entries = await letIn(openRoom, async (room) => {
      await world.alice.say(room, 'in thread', { thread: root });
      await world.bob.say(room, 'in main');
    });
    const sessions = Object.fromEntries(
      entries.map(({ session, body }) => ['text' in body ? body.text : '', session]),
    );
    expect(sessions).toMatchObject({
      'in thread': `${openRoom}:${root}:${world.alice.userId}`,
      'in main': `${openRoom}:main:${world.bob.userId}`,
    });
  });
});

describe('what a message holds', () => {
  it('takes media as attachments, with the caption as text', async () => {
    const [entry] = await letIn(openRoom, (room) =>
      world.alice.send(room, {
        msgtype: 'm.image',
        body: 'what is this?',
        filename: 'cat.png',
        url: 'mxc://localhost/abc',
        info: { mimetype: 'image/png', size: 12 },
      }),
    );
    expect(entry?.body).toMatchObject({
      text: 'what is this?',
      attachments: [{ name: 'cat.png', mimetype: 'image/png', size: 12, url: 'mxc://localhost/abc' }],
    });
  });

  it.each([
    { name: 'media without a URL', content: { msgtype: 'm.file', body: 'x' } },
    { name: 'a thread without a root', content: text('x', { 'm.relates_to': { rel_type: 'm.thread' } }) },
  ])('keeps $name as a dead letter', async ({ content }) => {
    let eventId = '';
    const entries = await letIn(openRoom, async (room) => {
      eventId = await world.alice.send(room, content);
    });
    expect(entries).toEqual([]);
    const letter = (await world.deadLetters()).find(({ id }) => id === eventId);
    expect(letter).toMatchObject({
      room: openRoom,
      stage: 'ingress',
      reason: expect.stringContaining('content.'),
    });
    expect(JSON.parse(letter?.['raw'] ?? '')).toMatchObject({ event_id: eventId, content });
  });
});

describe('what changes a message', () => {
  it('publishes an edit of a message that was let in, for the same session', async () => {
    const root = await world.bob.say(openRoom, 'about a thread');
    await world.waitForTexts(['about a thread']);
    const entries = await letIn(openRoom, async (room) => {
      const original = await world.alice.say(room, 'frist', { thread: root });
      await world.alice.edit(room, original, 'vagent: first');
    });
    const [received, edited] = entries;
    expect(edited).toMatchObject({
      type: 'message.edited',
      session: received?.session,
      body: { edits: received?.id, text: 'first', sender: world.alice.userId },
    });
  });

  it('publishes a redaction of a message that was let in, whoever redacts it', async () => {
    const entries = await letIn(openRoom, async (room) => {
      const original = await world.bob.say(room, 'my secret');
      await world.waitForTexts(['my secret']);
      await world.alice.redact(room, original);
    });
    const received = entries.find(({ type }) => type === 'message.received');
    const redacted = entries.find(({ type }) => type === 'message.redacted');
    expect(redacted).toMatchObject({
      type: 'message.redacted',
      session: received?.session,
      body: { redacts: received?.id, sender: world.alice.userId },
    });
  });

  it('F66: publishes the redaction of an edit as that, for the session of its message', async () => {
    let edit = '';
    const entries = await letIn(openRoom, async (room) => {
      const original = await world.alice.say(room, 'the second one');
      edit = await world.alice.edit(room, original, 'my password');
      await eventually(async () => (await world.entriesOf('message.edited')).some(({ id }) => id === edit));
      await world.alice.redact(room, edit);
    });
    const redacted = entries.find(({ type }) => type === 'edit.redacted');
    expect(redacted).toMatchObject({
      session: entries.find(({ type }) => type === 'message.received')?.session,
      body: { redacts: edit, sender: world.alice.userId },
    });
    expect(entries.some(({ type }) => type === 'message.redacted')).toBe(false);
  });

  it('ignores edits and redactions of what was not let in', async () => {
    const entries = await letIn(closedRoom, async (room) => {
      const original = await world.alice.say(room, 'talk');
      await world.alice.edit(room, original, 'vagent: do it');
      await world.alice.redact(room, original);
    });
    expect(entries).toEqual([]);
  });
});

describe('rooms and invites', () => {
  const isIn = async (room: string): Promise<boolean> => {
    const path = `/v3/rooms/${encodeURIComponent(room)}/state/m.room.member/${encodeURIComponent(world.bot.userId)}`;
    return (await world.alice.request('GET', path))['membership'] === 'join';
  };

  it('listens to nobody where nothing is allowed', async () => {
    await using other = await IngressWorld.start(redisUrl, {
      env: { ALLOWED_ROOMS: '', ALLOWED_INVITERS: '' },
    });
    const room = await other.room();
    const ingress = await other.ingress();
    await ingress.ready();
    const invited = await other.alice.createRoom({ invite: [other.bot.userId] });
    const token = await other.token();
    await other.alice.say(room, 'vagent: hello');
    await eventually(async () => (await other.token()) !== token, { what: 'it was read' });
    const counted = async () =>
      (await ingress.metrics.registry.metrics()).includes('ingress_ignored_total{reason="invite_refused"');
    await eventually(counted, { what: 'the invite was counted' });
    expect(await other.entries()).toEqual([]);
    expect(await other.deadLetters()).toEqual([]);
    expect(await other.redis.keys(`${other.keys.sync(other.bot.userId)}:joins`)).toEqual([]);
    const members = await other.alice.request(
      'GET',
      `/v3/rooms/${encodeURIComponent(invited)}/joined_members`,
    );
    expect(Object.keys(Object(members['joined']))).toEqual([other.alice.userId]);
  });

  it('joins when an allowed person invites it to an allowed room, after a 429 too, and when it was away', async () => {
    await using other = await IngressWorld.start(redisUrl, {
      env: { ALLOWED_INVITERS: '@bob:localhost,@*:elsewhere.org' },
    });
    const stranger = await other.alice.createRoom({ invite: [other.bot.userId] });
    const friend = await other.bob.createRoom({ invite: [other.bot.userId] });
    await other.homeserver.script({ action: 'rate-limit', path: '/join$', header: '0.1' });
    await other.ingress();
    const joined = async () => (await other.bot.request('GET', '/v3/joined_rooms'))['joined_rooms'];
    await eventually(async () => Object(await joined()).includes(friend), {
      withinMs: 15_000,
      what: 'it joined',
    });
    expect(await joined()).not.toContain(stranger);
  });

  it('leaves a room that is encrypted, and says why', async () => {
    const room = await world.room();
    expect(await isIn(room)).toBe(true);
    const path = `/v3/rooms/${encodeURIComponent(room)}/state/m.room.encryption`;
    await world.alice.request('PUT', path, { body: { algorithm: 'm.megolm.v1.aes-sha2' } });
    const left = await world.alice.waitFor(
      room,
      ({ type, sender, content }) =>
        type === 'm.room.member' && sender === world.bot.userId && content['membership'] === 'leave',
    );
    expect(left.content['reason']).toContain('encrypted');
  });

  it('takes what follows on the switch to encryption for no dead letter', async () => {
    await using other = await IngressWorld.start(redisUrl);
    const room = await other.room();
    const first = await other.ingress();
    await first.ready();
    await first.stop();
    const path = `/v3/rooms/${encodeURIComponent(room)}/state/m.room.encryption`;
    await other.alice.request('PUT', path, { body: { algorithm: 'm.megolm.v1.aes-sha2' } });
    for (const ciphertext of ['x', 'y']) {
      const content = { algorithm: 'm.megolm.v1.aes-sha2', ciphertext };
      await other.alice.send(room, content, { type: 'm.room.encrypted' });
    }
    const open = await other.room();
    await other.alice.say(open, 'the end');
    await other.ingress();
    await other.waitForTexts(['the end']);
    await eventually(async () => {
      const answer = await other.bot.request('GET', '/v3/joined_rooms');
      return !Object(answer['joined_rooms']).includes(room);
    });
    expect(await other.deadLetters()).toEqual([]);
  });

  it('T9: is put out of a clear room by nobody who sends what looks encrypted', async () => {
    const room = await world.room([world.bob]);
    const content = { algorithm: 'm.megolm.v1.aes-sha2', ciphertext: 'x' };
    const entries = await letIn(room, () => world.bob.send(room, content, { type: 'm.room.encrypted' }));
    expect([entries, await isIn(room)]).toEqual([[], true]);
  });

  it('does not stay in a room that was encrypted before it came', async () => {
    const encryption = {
      type: 'm.room.encryption',
      state_key: '',
      content: { algorithm: 'm.megolm.v1.aes-sha2' },
    };
    const room = await world.alice.createRoom({
      preset: 'public_chat',
      initial_state: [encryption],
      invite: [world.bot.userId],
    });
    const left = await world.alice.waitFor(
      room,
      ({ type, sender, content }) =>
        type === 'm.room.member' && sender === world.bot.userId && content['membership'] === 'leave',
    );
    expect(left.content['reason']).toContain('encrypted');
    await world.alice.send(
      room,
      { algorithm: 'm.megolm.v1.aes-sha2', ciphertext: 'x' },
      { type: 'm.room.encrypted' },
    );
    expect(await letIn(openRoom, async () => undefined)).toEqual([]);
  });
});
