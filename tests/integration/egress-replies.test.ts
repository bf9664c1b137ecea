import { describe, expect, inject, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import type { MatrixEvent } from '../support/matrix-user.ts';
import { kindOf, openStage, replacedBy, type Stage } from './egress-stage.ts';

const redisUrl = inject('redisUrl');

const newText = (event: MatrixEvent | undefined): unknown => {
  const content = event?.content['m.new_content'] ?? event?.content;
  return typeof content === 'object' && content !== null && 'body' in content ? content.body : undefined;
};

/** Posts, not edits. */
const posts = (events: readonly MatrixEvent[]): MatrixEvent[] =>
  events.filter((event) => replacedBy(event) === undefined);

async function reply(stage: Stage, turn: string, text: string): Promise<void> {
  await stage.publish(
    'reply.finished',
    turn,
    { reply: turn, text, replyTo: turn, revision: 9 },
    `${turn}#reply`,
  );
}

async function draft(stage: Stage, turn: string, text: string, revision: number): Promise<void> {
  const body = { reply: turn, text, replyTo: turn, revision };
  await stage.publish('reply.drafted', turn, body, `${turn}#draft-${revision}`);
}

const sentRequests = (stage: Stage): number =>
  stage.homeserver.requests().filter(({ path }) => path.includes('/send/m.room.message')).length;

describe('egress, replies', () => {
  it('answers the question in its room, says what it is and mentions the asker alone', async () => {
    await using stage = await openStage(redisUrl);
    await stage.startEgress();
    const question = await stage.ask();
    await reply(stage, question, 'Use **this** link');
    const [event] = await eventually(async () => {
      const sent = await stage.sent();
      return sent.length > 0 && sent;
    });
    expect(event?.content).toMatchObject({
      msgtype: 'm.text',
      body: 'Use **this** link',
      formatted_body: '<p>Use <strong>this</strong> link</p>',
      'm.mentions': { user_ids: [stage.alice.userId] },
      'm.relates_to': { 'm.in_reply_to': { event_id: question } },
      'dev.vagent': {
        kind: 'reply',
        session: stage.session,
        turn: question,
        entry: expect.stringMatching(/-/),
      },
    });
  });

  it('shows drafts by edits of one event, which ends as the reply', async () => {
    await using stage = await openStage(redisUrl);
    await stage.startEgress();
    const question = await stage.ask();
    await draft(stage, question, 'One', 0);
    await eventually(async () => (await stage.sent()).length === 1);
    await draft(stage, question, 'One two', 1);
    await eventually(async () => (await stage.sent()).length === 2);
    await reply(stage, question, 'One two three');
    const events = await eventually(async () => {
      const sent = await stage.sent();
      return kindOf(sent.at(-1)) === 'reply' && sent;
    });
    expect(events.map(newText)).toEqual(['One', 'One two', 'One two three']);
    expect(events.map(kindOf)).toEqual(['draft', 'draft', 'reply']);
    expect(events.slice(1).map(replacedBy)).toEqual([events[0]?.event_id, events[0]?.event_id]);
    expect(events[2]?.content['m.new_content']).toMatchObject({ 'dev.vagent': { kind: 'reply' } });
  });

  it('acknowledges drafts that something newer follows, without sending them', async () => {
    await using stage = await openStage(redisUrl);
    const question = await stage.ask();
    for (let revision = 0; revision < 30; revision++)
      await draft(stage, question, `Draft ${revision}`, revision);
    await reply(stage, question, 'Done');
    await stage.startEgress();
    const events = await eventually(async () => {
      const sent = await stage.sent();
      return kindOf(sent.at(-1)) === 'reply' && sent;
    });
    expect(events).toHaveLength(1);
    expect(await stage.dead()).toEqual([]);
  });

  it('stays in the thread of the session', async () => {
    await using stage = await openStage(redisUrl);
    await stage.startEgress();
    const root = await stage.ask('root');
    const question = await stage.alice.say(stage.room, 'in thread', { thread: root });
    const session = `${stage.room}:${root}:${stage.alice.userId}`;
    await stage.transport.publisher.publish('outbound', {
      type: 'reply.finished',
      id: 'in-thread',
      session,
      turn: question,
      at: new Date().toISOString(),
      body: { reply: question, text: 'hi', replyTo: question, revision: 0 },
    });
    const [event] = await eventually(async () => {
      const sent = await stage.sent();
      return sent.length > 0 && sent;
    });
    expect(event?.content['m.relates_to']).toEqual({
      rel_type: 'm.thread',
      event_id: root,
      is_falling_back: false,
      'm.in_reply_to': { event_id: question },
    });
  });

  it('splits a text that one event cannot hold, and keeps its order', async () => {
    await using stage = await openStage(redisUrl);
    await stage.startEgress();
    const question = await stage.ask();
    const text = Array.from({ length: 2_200 }, (_, n) => `line ${n} of a long answer`).join('\n');
    await reply(stage, question, text);
    const events = await eventually(async () => {
      const sent = await stage.sent();
      return String(newText(sent.at(-1))).endsWith('line 2199 of a long answer') && sent;
    });
    expect(events.length).toBeGreaterThan(3);
    expect(events.map(newText).join('\n')).toBe(text);
    expect(events.map((event) => event.content['dev.vagent'])).toMatchObject([
      { kind: 'reply' },
      ...events.slice(1).map((_, index) => ({ kind: 'reply', part: index + 1 })),
    ]);
  });

  it('F59: posts once when the homeserver hides its success, hangs up, or answers with a page', async () => {
    await using stage = await openStage(redisUrl);
    await stage.startEgress();
    const path = '/send/m\\.room\\.message';
    const faults = [
      { action: 'fail-after', method: 'PUT', path, html: true, status: 502 },
      { action: 'cut-after', method: 'PUT', path },
      { action: 'garbage', method: 'PUT', path },
      { action: 'fail-before', method: 'PUT', path, status: 504 },
    ] as const;
    for (const [index, fault] of faults.entries()) {
      const question = await stage.ask();
      await stage.homeserver.script(fault);
      await reply(stage, question, `answer ${index}`);
      await eventually(async () => (await stage.sent()).length > index);
    }
    expect((await stage.sent()).map(newText)).toEqual(['answer 0', 'answer 1', 'answer 2', 'answer 3']);
    expect(await stage.dead()).toEqual([]);
  });

  it('F60: waits as long as a 429 asks, burns no attempt and lets another room go on', async () => {
    await using stage = await openStage(redisUrl);
    await stage.startEgress();
    const other = await stage.alice.createRoom({ invite: [stage.bot.userId] });
    await stage.bot.join(other);
    const question = await stage.ask();
    const path = `/rooms/${encodeURIComponent(stage.room)}/send/`;
    for (const how of [{ header: '1' }, { bodyMs: 600 }, {}, { header: '0.5' }]) {
      await stage.homeserver.script({ action: 'rate-limit', path, ...how });
    }
    const began = performance.now();
    await reply(stage, question, 'at last');
    await eventually(() => sentRequests(stage) > 0);
    await stage.transport.publisher.publish('outbound', {
      type: 'reply.finished',
      id: 'other-room',
      session: `${other}:main:${stage.alice.userId}`,
      turn: 'other',
      at: new Date().toISOString(),
      body: { reply: 'other', text: 'meanwhile', replyTo: null, revision: 0 },
    });
    await eventually(async () => (await stage.sent(other)).length === 1);
    expect(await stage.sent()).toEqual([]);
    await eventually(async () => (await stage.sent()).length === 1, { withinMs: 20_000 });
    expect(performance.now() - began).toBeGreaterThan(2_600);
    const metrics = await stage.registry.getMetricsAsJSON();
    expect(metrics.find(({ name }) => name === 'vagent_entry_attempts_failed_total')?.values).toEqual([]);
    expect(await stage.dead()).toEqual([]);
  });

  it('F63: gives a reply up with a remedy when the bot was kicked, and goes on elsewhere', async () => {
    await using stage = await openStage(redisUrl);
    await stage.startEgress();
    const question = await stage.ask();
    const kick = `/v3/rooms/${encodeURIComponent(stage.room)}/kick`;
    await stage.alice.request('POST', kick, { body: { user_id: stage.bot.userId } });
    await draft(stage, question, 'never seen', 0);
    await reply(stage, question, 'never sent');
    const [letter] = await eventually(async () => {
      const dead = await stage.dead();
      return dead.length > 0 && dead;
    });
    expect(await stage.dead()).toHaveLength(1);
    expect(letter?.join(' ')).toMatch(/reply\.finished .*may not send into room .* Invite it again/);
  });

  it('sends nothing into an encrypted room, also when encryption was switched on later', async () => {
    await using stage = await openStage(redisUrl);
    await stage.startEgress();
    const first = await stage.ask();
    await reply(stage, first, 'in clear');
    await eventually(async () => (await stage.sent()).length === 1);
    const state = `/v3/rooms/${encodeURIComponent(stage.room)}/state/m.room.encryption`;
    await stage.alice.request('PUT', state, { body: { algorithm: 'm.megolm.v1.aes-sha2' } });
    const before = (await stage.sent()).length;
    await reply(stage, '$after', 'must never be seen');
    const dead = await eventually(async () => {
      const letters = await stage.dead();
      return letters.some((letter) => letter.includes('$after#reply')) && letters;
    });
    expect(dead.at(-1)?.join(' ')).toContain('is encrypted and nothing is sent into it in plaintext');
    expect(await stage.sent()).toHaveLength(before);
  });

  it('replaces drafts by the failure of their turn, and tells a failure without drafts', async () => {
    await using stage = await openStage(redisUrl);
    await stage.startEgress();
    const question = await stage.ask();
    await draft(stage, question, 'half a sent', 0);
    await eventually(async () => (await stage.sent()).length === 1);
    await stage.publish('turn.failed', question, { replyTo: question, reason: 'x', text: 'Sorry.' });
    const [shown, failure] = await eventually(async () => {
      const sent = await stage.sent();
      return sent.length === 2 && sent;
    });
    expect(replacedBy(failure as MatrixEvent)).toBe(shown?.event_id);
    expect([kindOf(failure), newText(failure)]).toEqual(['failed', 'Sorry.']);
    await stage.publish('turn.failed', '$other', { replyTo: question, reason: 'x', text: 'Sorry again.' });
    const events = await eventually(async () => {
      const sent = await stage.sent();
      return sent.length === 3 && sent;
    });
    expect(events[2]?.content).toMatchObject({ msgtype: 'm.notice', body: 'Sorry again.' });
  });

  it('shows typing and a receipt, which fail without harm, and a notice while a review is waited for', async () => {
    await using stage = await openStage(redisUrl);
    await stage.startEgress();
    const question = await stage.ask();
    await stage.homeserver.script({ action: 'fail-before', path: '/receipt/', status: 500 });
    const status = { replyTo: question, text: '', approval: null };
    await stage.publish('turn.status', question, { ...status, state: 'typing' });
    const ended = (part: string): number =>
      stage.homeserver.requests().filter(({ path }) => path.includes(part)).length;
    await eventually(() => ended('/typing/') === 1 && ended('/receipt/m.read/') === 1);
    await stage.publish('turn.status', question, { ...status, state: 'waiting', text: 'Waits for a review' });
    const [notice] = await eventually(async () => {
      const sent = await stage.sent();
      return sent.length > 0 && sent;
    });
    expect(notice?.content).toMatchObject({
      msgtype: 'm.notice',
      body: 'Waits for a review',
      'm.mentions': {},
    });
    expect(kindOf(notice)).toBe('status');
    await eventually(() => ended('/typing/') === 2);
    expect(await stage.dead()).toEqual([]);
  });

  it('makes drafts of a turn that ends in waiting show the status, however long it is', async () => {
    await using stage = await openStage(redisUrl);
    await stage.startEgress();
    const question = await stage.ask();
    await draft(stage, question, 'The answer to the first half, and', 0);
    await eventually(async () => (await stage.sent()).length === 1);
    const text = `The whole answer.\n\n${'word '.repeat(20_000)}\n\nI have asked a reviewer.`;
    const status = { state: 'waiting', replyTo: question, text, approval: null } as const;
    await stage.publish('turn.status', question, status);
    const events = await eventually(async () => {
      const sent = await stage.sent();
      return String(newText(sent.at(-1))).endsWith('I have asked a reviewer.') && sent;
    });
    expect(replacedBy(events[1] as MatrixEvent)).toBe(events[0]?.event_id);
    expect(newText(events[1])).toMatch(/^The whole answer/);
    expect(new Set(events.slice(1).map(kindOf))).toEqual(new Set(['status']));
    expect(posts(events)).toHaveLength(events.length - 1);
    expect(await stage.dead()).toEqual([]);
  });

  it('goes on where another egress stopped, and posts each reply once', async () => {
    await using stage = await openStage(redisUrl);
    const stopFirst = await stage.startEgress();
    const questions = await Promise.all(Array.from({ length: 20 }, (_, n) => stage.ask(`question ${n}`)));
    for (const question of questions.slice(0, 10)) await reply(stage, question, question);
    await eventually(async () => (await stage.sent()).length > 2);
    await stopFirst();
    for (const question of questions.slice(10)) await reply(stage, question, question);
    await stage.startEgress();
    const events = await eventually(async () => {
      const sent = await stage.sent();
      return sent.length >= 20 && sent;
    });
    expect(posts(events).map(newText)).toEqual(questions);
  });
});
