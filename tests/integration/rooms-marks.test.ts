import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createRoomMoves } from '#operations/rooms/room-moves';
import { eventually } from '../support/eventually.ts';
import type { MatrixEvent } from '../support/matrix-user.ts';
import { openStage, type Stage } from './egress-stage.ts';

const path = (room: string) => `/v3/rooms/${encodeURIComponent(room)}`;

/** The bot's reactions to an event that were not taken back. */
async function marksOn(stage: Stage, event: string, room = stage.room): Promise<unknown[]> {
  const events = await stage.alice.timeline(room);
  return events
    .filter(({ sender, type, unsigned }) => {
      return (
        sender === stage.bot.userId && type === 'm.reaction' && unsigned?.['redacted_because'] === undefined
      );
    })
    .map(({ content }) => content['m.relates_to'])
    .filter((relation) => JSON.stringify(relation ?? {}).includes(event))
    .map((relation) => new Map(Object.entries(relation ?? {})).get('key'));
}

const waiting = (replyTo: string) =>
  ({ state: 'waiting', replyTo, text: 'I have asked a reviewer.', approval: null }) as const;
const finished = (reply: string, replyTo: string, text = 'done') => ({ reply, text, replyTo, revision: 1 });

async function setLevels(stage: Stage, room: string, levels: object): Promise<void> {
  const place = `${path(room)}/state/m.room.power_levels/`;
  const now = await stage.alice.request('GET', place);
  await stage.alice.request('PUT', place, { body: { ...now, ...levels } });
}

describe('A8: how a message fares, on the message', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage(inject('redisUrl'));
    await stage.startEgress({ hasMarks: true });
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  it('is ⏳ while it waits for reviewers, and nothing once it is answered', async () => {
    const question = await stage.ask();
    await stage.publish('turn.status', question, waiting(question));
    await eventually(async () => (await marksOn(stage, question)).length === 1);
    expect(await marksOn(stage, question)).toEqual(['⏳']);
    const decision = `${question}-decision`;
    await stage.publish('reply.finished', decision, finished(decision, question));
    await eventually(async () => (await marksOn(stage, question)).length === 0);
  });

  it('is ⚠️ where it failed, in place of ⏳', async () => {
    const question = await stage.ask();
    await stage.publish('turn.status', question, waiting(question));
    await eventually(async () => (await marksOn(stage, question)).length === 1);
    const failed = { replyTo: question, reason: 'test', text: 'Sorry.' };
    await stage.publish('turn.failed', question, failed);
    await eventually(async () => (await marksOn(stage, question)).includes('⚠️'));
    expect(await marksOn(stage, question)).toEqual(['⚠️']);
  });

  it('is one mark, however often the same is told', async () => {
    const question = await stage.ask();
    await stage.publish('turn.status', question, waiting(question), `${question}-1`);
    await stage.publish('turn.status', question, waiting(question), `${question}-2`);
    const end = await stage.ask('the end');
    await stage.publish('reply.finished', end, finished(end, end, `ended ${end}`));
    await eventually(async () =>
      (await stage.sent()).some(({ content }) => content['body'] === `ended ${end}`),
    );
    expect(await marksOn(stage, question)).toEqual(['⏳']);
  });

  it('is left to the words where the room allows no reactions', async () => {
    await setLevels(stage, stage.room, { events: { 'm.reaction': 50 } });
    const question = await stage.ask();
    await stage.publish('turn.status', question, waiting(question));
    const words = `answered ${question} in words`;
    await stage.publish('reply.finished', question, finished(`${question}-later`, question, words));
    await eventually(async () => (await stage.sent()).some(({ content }) => content['body'] === words));
    expect(await marksOn(stage, question)).toEqual([]);
    expect(await stage.dead()).toEqual([]);
    await setLevels(stage, stage.room, { events: {} });
  });

  it('marks what is read in its thread, or in the main timeline', async () => {
    const root = await stage.ask('root');
    const inThread = await stage.alice.say(stage.room, 'in a thread', { thread: root });
    const receipts: string[] = [];
    const typing = (replyTo: string) => ({ state: 'typing', replyTo, text: '', approval: null }) as const;
    const threaded = `${stage.room}:${root}:${stage.alice.userId}`;
    await stage.transport.publisher.publish('outbound', {
      type: 'turn.status',
      id: `typing-${root}`,
      session: threaded,
      turn: inThread,
      at: new Date().toISOString(),
      body: typing(inThread),
    });
    let since: string | undefined;
    await eventually(async () => {
      const answer = await stage.alice.sync(since === undefined ? {} : { since });
      since = String(answer['next_batch']);
      receipts.push(JSON.stringify(answer));
      return receipts.some((text) => text.includes('"m.read"') && text.includes(`"thread_id":"${root}"`));
    });
    const plain = await stage.ask('plain');
    await stage.publish('turn.status', plain, typing(plain));
    await eventually(async () => {
      const answer = JSON.stringify(await stage.alice.sync());
      return answer.includes(plain) && answer.includes('"thread_id":"main"');
    });
  });
});

describe('power levels that forbid sending', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage(inject('redisUrl'));
    await stage.startEgress();
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  it('are told: the dead letter names both levels, and operators are told once for each room', async () => {
    const before = (await stage.dead()).length;
    await setLevels(stage, stage.room, { events_default: 25 });
    for (const text of ['one', 'two', 'three']) {
      const question = await stage.ask(text);
      await stage.publish('reply.finished', question, finished(question, question));
    }
    await eventually(async () => (await stage.dead()).length === before + 3);
    for (const letter of await stage.dead()) {
      expect(letter.join(' ')).toContain('needs power level 25, and it has 0');
    }
    const notices = async (): Promise<MatrixEvent[]> =>
      (await stage.sent(stage.adminRoom)).filter(({ content }) =>
        String(content['body']).includes('power level 25'),
      );
    await eventually(async () => (await notices()).length > 0);
    await setLevels(stage, stage.room, { events_default: 0 });
    const last = await stage.ask('last');
    const answer = `answer to ${last}`;
    await stage.publish('reply.finished', last, finished(last, last, answer));
    await eventually(async () => (await stage.sent()).some(({ content }) => content['body'] === answer));
    expect(await notices()).toHaveLength(1);
  });
});

describe('F62: what is posted for a room that was upgraded', () => {
  it('follows: what was asked in the old room is answered in the new one, and stands by itself', async () => {
    await using stage = await openStage(inject('redisUrl'));
    await stage.startEgress({ hasMarks: true });
    const next = await stage.alice.createRoom({
      room_version: '12',
      creation_content: { predecessor: { room_id: stage.room } },
      invite: [stage.bot.userId],
    });
    await stage.bot.join(next);
    const question = await stage.ask();
    await stage.publish('reply.drafted', question, {
      ...finished(question, question, 'a draft'),
      revision: 0,
    });
    await eventually(async () => (await stage.sent()).length === 1);
    await createRoomMoves(stage.transport).note(stage.room, next);
    await stage.publish('reply.finished', question, finished(question, question, 'the answer'));
    const sentInto = async () => (await stage.sent(next)).filter(({ type }) => type === 'm.room.message');
    await eventually(async () => (await sentInto()).length === 1);
    const [answer] = await sentInto();
    expect(answer?.content).toMatchObject({
      body: 'the answer',
      'm.mentions': { user_ids: [stage.alice.userId] },
    });
    expect(answer?.content['m.relates_to']).toBeUndefined();

    const here = await stage.alice.say(next, 'and here?');
    await stage.publish('turn.status', here, waiting(here));
    await eventually(async () => (await marksOn(stage, here, next)).length === 1);
    await stage.publish('reply.finished', '$decided', finished('$decided', here, 'here too'));
    await eventually(async () => (await sentInto()).length === 3);
    expect((await sentInto()).at(-1)?.content['m.relates_to']).toEqual({
      'm.in_reply_to': { event_id: here },
    });
    await eventually(async () => (await marksOn(stage, here, next)).length === 0);
    expect(await stage.dead()).toEqual([]);
  });
});
