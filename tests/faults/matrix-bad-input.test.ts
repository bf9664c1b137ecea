import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { readRoomEvent } from '#matrix/room-event';
import { IngressWorld } from '../integration/ingress-world.ts';

let world: IngressWorld;
let room: string;

beforeAll(async () => {
  world = await IngressWorld.start(inject('redisUrl'));
  room = await world.room();
  await (await world.ingress()).ready();
});
afterAll(() => world[Symbol.asyncDispose]());

const text = (body: string, more: object = {}) => ({ msgtype: 'm.text', body, ...more });

/** What comes of what `send` sends, by a last message that surely is let in. */
async function outcomeOf(send: () => Promise<unknown>) {
  const known = new Set((await world.entries()).map(({ id }) => id));
  const letters = (await world.deadLetters()).length;
  await send();
  const end = `end ${crypto.randomUUID()}`;
  await world.alice.say(room, end);
  await world.waitForTexts([end]);
  const entries = (await world.entries()).filter(
    ({ id, body }) => !known.has(id) && !('text' in body && body.text === end),
  );
  return { entries, letters: (await world.deadLetters()).slice(letters) };
}

const kinds = ['message', 'edit', 'redaction', 'reaction', 'member', 'encrypted', 'encryption', 'tombstone'];

describe('an event, whatever it holds', () => {
  const json = fc.jsonValue({ maxDepth: 4 });
  const ids = fc.constantFrom(
    '$a',
    '$',
    'a',
    '',
    '$a:localhost',
    '$x'.repeat(200),
    '\u0000',
    '$ü:b',
    null,
    5,
    {},
    [],
  );
  const relation = fc.oneof(
    json,
    fc.record(
      {
        rel_type: fc.oneof(
          fc.constantFrom('m.thread', 'm.replace', 'm.annotation', 'm.reference', 'x'),
          json,
        ),
        event_id: fc.oneof(ids, json),
        key: fc.oneof(fc.constantFrom('✅', '❌', ''), json),
        is_falling_back: json,
        'm.in_reply_to': fc.oneof(json, fc.record({ event_id: fc.oneof(ids, json) })),
      },
      { requiredKeys: [] },
    ),
  );
  const types = fc.constantFrom(
    ...['message', 'encrypted', 'redaction', 'member', 'encryption', 'tombstone', 'create'].map(
      (name) => `m.room.${name}`,
    ),
    'm.reaction',
    'com.example.unknown',
    '',
    '__proto__',
  );

  it('is read as one of the known kinds, or kept as unreadable with a reason', () => {
    const event = fc.record(
      {
        event_id: fc.oneof(ids, fc.constant('$event')),
        sender: fc.constantFrom('@a:b', '@a', '', `@${'a'.repeat(300)}:b`, 7),
        type: types,
        origin_server_ts: fc.oneof(fc.integer(), fc.double(), json),
        state_key: fc.option(fc.constantFrom('', '@a:b')),
        content: fc.oneof(
          json,
          fc.record(
            {
              msgtype: fc.oneof(fc.constantFrom('m.text', 'm.image'), json),
              body: fc.oneof(fc.string(), json),
              'm.relates_to': relation,
              'm.mentions': json,
              'm.new_content': json,
              'dev.vagent': json,
              url: json,
              file: json,
              info: json,
              membership: json,
              replacement_room: json,
            },
            { requiredKeys: [] },
          ),
        ),
        redacts: fc.oneof(ids, json),
        unsigned: json,
      },
      { requiredKeys: ['type'] },
    );
    fc.assert(
      fc.property(fc.oneof(json, event), (raw) => {
        const read = readRoomEvent(raw, '!r:localhost');
        const known = [...kinds, 'redacted', 'other', 'undecodable', 'unreadable'];
        expect(known).toContain(read.kind);
        if (read.kind === 'unreadable' || read.kind === 'undecodable') expect(read.reason).not.toBe('');
        expect(() => JSON.stringify({ ...read, raw: null })).not.toThrow();
      }),
      { numRuns: 2_000 },
    );
  });

  it('with a broken relation of any shape is a message, an edit, or undecodable, and never loses its text', () => {
    fc.assert(
      fc.property(relation, (related) => {
        const raw = {
          ...{ event_id: '$e', sender: '@a:b', type: 'm.room.message', origin_server_ts: 0 },
          content: text('hello', { 'm.relates_to': related }),
        };
        const read = readRoomEvent(raw, '!r:localhost');
        expect(['message', 'edit', 'undecodable']).toContain(read.kind);
        if (read.kind === 'message') expect(read.text).toBe('hello');
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('relations that make no sense', () => {
  it.each<[string, unknown, string]>([
    ['a text', 'x', 'taken'],
    ['a list', [1, 2], 'taken'],
    ['null', null, 'taken'],
    ['an unknown kind', { rel_type: 'com.example.x', event_id: '$x' }, 'taken'],
    ['a reply to what is no event', { 'm.in_reply_to': { event_id: 'nothing' } }, 'taken'],
    ['a reply without an id', { 'm.in_reply_to': {} }, 'taken'],
    ['a reply to an event that is nowhere', { 'm.in_reply_to': { event_id: '$nowhere' } }, 'taken'],
    ['a thread without a root', { rel_type: 'm.thread' }, 'dead'],
    ['a thread with a list for a root', { rel_type: 'm.thread', event_id: ['$x'] }, 'taken'],
    ['an edit of nothing', { rel_type: 'm.replace' }, 'taken'],
  ])('%s: the message has an outcome, and the next is read', async (_, related, fate) => {
    const { entries, letters } = await outcomeOf(async () => {
      const body = text('odd', { 'm.relates_to': related });
      await world.alice.send(room, body).catch(() => world.alice.say(room, 'odd'));
    });
    expect(letters.length + entries.length).toBe(1);
    expect(letters.length === 1 ? 'dead' : 'taken').toBe(fate);
  });

  it('a thread within a thread is a session of the root that is named, and an edit of an edit changes nothing', async () => {
    const { entries } = await outcomeOf(async () => {
      const root = await world.alice.say(room, 'root');
      const inner = await world.alice.say(room, 'inner', { thread: root });
      await world.alice.say(room, 'innermost', { thread: inner }).catch(() => undefined);
      const edit = await world.alice.edit(room, root, 'root, edited');
      await world.alice.edit(room, edit, 'an edit of the edit').catch(() => undefined);
      await world.alice.redact(room, await world.alice.redact(room, inner)).catch(() => undefined);
    });
    const sessions = entries.flatMap(({ type, session }) => (type === 'message.received' ? [session] : []));
    expect(new Set(sessions).size).toBe(sessions.length);
    expect(entries.filter(({ type }) => type === 'message.edited')).toHaveLength(1);
    expect(entries.filter(({ type }) => type === 'message.redacted')).toHaveLength(1);
  });

  it('replies that answer each other in a circle are each taken once', async () => {
    const { entries } = await outcomeOf(async () => {
      let last = await world.alice.say(room, 'r0');
      for (let at = 1; at < 6; at += 1) last = await world.alice.reply(room, last, `r${at}`);
    });
    expect(entries.map(({ body }) => ('text' in body ? body.text : ''))).toEqual([
      'r0',
      'r1',
      'r2',
      'r3',
      'r4',
      'r5',
    ]);
  });
});

describe('events that are not for the bot', () => {
  it('of unknown types, as messages or as state, are ignored', async () => {
    const { entries, letters } = await outcomeOf(async () => {
      await world.alice.send(room, { anything: { at: ['all'] } }, { type: 'com.example.unknown' });
      await world.alice.send(room, text('hidden'), { type: 'm.room.message.evil' });
      await world.alice.request('PUT', `/v3/rooms/${encodeURIComponent(room)}/state/com.example.state/x`, {
        body: { deep: { deeper: [] } },
      });
      await world.alice.send(room, { msgtype: 'm.key.verification.request', body: 'verify?' });
      await world.alice.send(room, { msgtype: 'com.example.poll', body: 'vote' });
    });
    expect([entries, letters]).toEqual([[], []]);
  });

  it('F65: of the bot itself, of other bots (notices) and of other vagents are ignored: two bots make no loop', async () => {
    const { entries } = await outcomeOf(async () => {
      await world.bot.say(room, 'my own words');
      await world.alice.send(room, { msgtype: 'm.notice', body: 'I am a bot too' });
      await world.alice.send(room, text('I am a vagent', { 'dev.vagent': { kind: 'reply' } }));
      await world.alice.send(room, text('I am one as well', { 'dev.vagent': 'anything' }));
    });
    expect(entries).toEqual([]);
  });

  it('over the size of an event are refused by the homeserver, and what it takes is taken whole', async () => {
    const huge = 'x'.repeat(70_000);
    await expect(world.alice.say(room, huge)).rejects.toThrow(/413|M_TOO_LARGE/);
    const body = `${'ü'.repeat(20_000)}`;
    const { entries } = await outcomeOf(() => world.alice.say(room, body));
    expect(entries).toHaveLength(1);
  });
});

describe('T1, T8: decisions that are none', () => {
  const approval = 'A'.repeat(20);
  const mark = (kind: string, session: string) => ({
    'dev.vagent': { kind, session, turn: 't', entry: '1-0', approval },
  });

  it('reactions on an edit of a prompt, on a foreign event that looks like one, and on nothing', async () => {
    const session = `${room}:main:${world.alice.userId}`;
    const { entries } = await outcomeOf(async () => {
      const prompt = await world.bot.send(world.adminRoom, {
        ...text('May I?'),
        ...mark('approval', session),
      });
      const edit = await world.bot.edit(world.adminRoom, prompt, 'Decided.');
      const fake = await world.alice.send(world.adminRoom, {
        ...text('May I?'),
        ...mark('approval', session),
      });
      const outcome = await world.bot.send(world.adminRoom, { ...text('Done'), ...mark('outcome', session) });
      const elsewhere = await world.alice.say(room, 'no prompt');
      for (const target of [edit, fake, outcome, elsewhere, '$nowhere']) {
        await world.alice.react(world.adminRoom, target, '✅').catch(() => undefined);
      }
      await world.alice.react(world.adminRoom, prompt, '👍');
    });
    expect(entries.filter(({ type }) => type === 'approval.decided')).toEqual([]);
  });

  it('commands in any other room, in HTML, in quotes, in edits and in notices', async () => {
    const command = '!vagent approve AAAAAA';
    const { entries } = await outcomeOf(async () => {
      await world.alice.say(room, command);
      await world.alice.send(
        world.adminRoom,
        text('hello', { format: 'org.matrix.custom.html', formatted_body: command }),
      );
      await world.alice.send(world.adminRoom, text(`> <@rita:localhost> ${command}\n\nwhat is this?`));
      await world.alice.send(world.adminRoom, { msgtype: 'm.notice', body: command });
      const said = await world.alice.say(world.adminRoom, 'hello');
      await world.alice.edit(world.adminRoom, said, command);
    });
    expect(entries.filter(({ type }) => type !== 'message.received')).toEqual([]);
  });
});

describe('a homeserver that answers with nonsense', () => {
  it.each([
    { name: '200 and a page', fault: { action: 'garbage', times: 3 } },
    { name: '502 and a page', fault: { action: 'fail-before', status: 502, html: true, times: 3 } },
    { name: '502 after it has done what was asked', fault: { action: 'fail-after', status: 502, times: 2 } },
    { name: 'a cut connection', fault: { action: 'cut-after', times: 2 } },
  ] as const)('$name, to whatever ingress asks: nothing is lost, and it goes on', async ({ name, fault }) => {
    await world.homeserver.script({
      ...fault,
      user: world.bot.userId,
      path: '/sync|/members|/state|/event/',
    });
    const said = [`${name} 1`, `${name} 2`];
    for (const one of said) await world.alice.say(room, one);
    await world.waitForTexts(said, 30_000);
    expect((await world.texts()).filter((one) => said.includes(one))).toEqual(said);
    expect(
      await world.deadLetters().then((letters) => letters.filter(({ raw }) => raw?.includes(name))),
    ).toEqual([]);
  });

  it('nothing at all, for a while: it waits, and loses nothing', async () => {
    await world.homeserver.script({ action: 'hang', user: world.bot.userId, path: '/sync', times: 1 });
    await world.alice.say(room, 'said into the silence');
    await world.waitForTexts(['said into the silence']);
    await world.alice.say(room, 'said while it hangs');
    await world.alice.say(room, 'and this');
    expect(await world.texts()).not.toContain('said while it hangs');
    await world.homeserver.script({ action: 'clear' });
    await world.waitForTexts(['said while it hangs', 'and this'], 30_000);
  });
});
