import { describe, expect, inject, it } from 'vitest';
import { ghostLeft } from '#matrix/ghost-left';
import { eventually } from '../support/eventually.ts';
import type { MatrixEvent } from '../support/matrix-user.ts';
import { botId, type GhostsStage, ghostId, openGhostsStage } from './ghosts-stage.ts';

const redisUrl = inject('redisUrl');

const bodies = (events: readonly MatrixEvent[]): unknown[] =>
  events.map(({ sender, content }) => [sender, content['body']]);

async function saidIn(stage: GhostsStage, room: string, count: number): Promise<MatrixEvent[]> {
  return eventually(
    async () => {
      const said = await stage.said(room);
      return said.length >= count && said;
    },
    { withinMs: 20_000, what: `${count} events are in the room` },
  );
}

async function displayName(stage: GhostsStage, user: string): Promise<unknown> {
  const path = `/v3/profile/${encodeURIComponent(user)}/displayname`;
  return (await stage.alice.request('GET', path))['displayname'];
}

describe('agents as users of their own', () => {
  it('speak each as itself, the bot for itself, in one order', async () => {
    await using stage = await openGhostsStage(redisUrl);
    const room = await stage.room();
    await stage.egress();
    await stage.publish(room, 'reply.finished', { turn: '$one', text: 'an invoice', agent: 'billing' });
    await stage.publish(room, 'reply.finished', { turn: '$two', text: 'a reset', agent: 'account_security' });
    await stage.publish(room, 'reply.finished', { turn: '$three', text: 'hello', agent: null });
    expect(bodies(await saidIn(stage, room, 3))).toEqual([
      [ghostId('billing'), 'an invoice'],
      [ghostId('account_security'), 'a reset'],
      [botId, 'hello'],
    ]);
    expect(await displayName(stage, ghostId('account_security'))).toBe('Account security');
  });

  it('show the drafts and the reply in one event of the same user', async () => {
    await using stage = await openGhostsStage(redisUrl);
    const room = await stage.room();
    await stage.egress();
    await stage.publish(room, 'reply.drafted', { turn: '$one', text: 'an inv', agent: 'billing' });
    await saidIn(stage, room, 1);
    await stage.publish(room, 'reply.finished', { turn: '$one', text: 'an invoice', agent: 'billing' });
    const [first, edit, ...more] = await saidIn(stage, room, 2);
    expect([first?.sender, edit?.sender, more]).toEqual([ghostId('billing'), ghostId('billing'), []]);
    expect(edit?.content['m.relates_to']).toMatchObject({ rel_type: 'm.replace', event_id: first?.event_id });
  });

  it('do not share an event where the same job is said by two of them in one room', async () => {
    await using stage = await openGhostsStage(redisUrl);
    const room = await stage.room();
    const stop = await stage.egress();
    await stage.publish(room, 'reply.finished', { turn: '$job', text: 'from billing', agent: 'billing' });
    await saidIn(stage, room, 1);
    await stop();
    const records = await stage.redis.keys(`${stage.keys.reply(0, '*').replace('{0}', '*')}`);
    await stage.redis.del(...records);
    await stage.egress();
    await stage.publish(room, 'reply.finished', { turn: '$job', text: 'from tech', agent: 'tech' });
    const said = await saidIn(stage, room, 2);
    expect(bodies(said)).toEqual([
      [ghostId('billing'), 'from billing'],
      [ghostId('tech'), 'from tech'],
    ]);
    expect(new Set(said.map(({ event_id }) => event_id)).size).toBe(2);
  });

  it('keep a name that somebody has given them, and log in once for all replicas', async () => {
    await using stage = await openGhostsStage(redisUrl);
    const room = await stage.room();
    const stop = await stage.egress();
    await stage.publish(room, 'reply.finished', { turn: '$one', text: 'one', agent: 'billing' });
    const [event] = await saidIn(stage, room, 1);
    const rename = `/v3/profile/${encodeURIComponent(event?.sender ?? '')}/displayname`;
    const query = { user_id: event?.sender ?? '' };
    await stage.bot.request('PUT', rename, { query, body: { displayname: 'Frau Rechnung' } });
    await stop();
    await stage.egress();
    await stage.publish(room, 'reply.finished', { turn: '$two', text: 'two', agent: 'billing' });
    await saidIn(stage, room, 2);
    expect(await displayName(stage, event?.sender ?? '')).toBe('Frau Rechnung');
    const logins = stage.homeserver.requests().filter(({ path }) => path.endsWith('/login'));
    // The bot and its ghost.
    expect(logins).toHaveLength(2);
  });

  it('leave the word to the bot where it may not invite them, told once, and come in once invited', async () => {
    await using stage = await openGhostsStage(redisUrl);
    const room = await stage.room({ power_level_content_override: { invite: 50 } });
    const stop = await stage.egress();
    for (const turn of ['$one', '$two']) {
      await stage.publish(room, 'reply.finished', { turn, text: turn, agent: 'billing' });
    }
    expect(bodies(await saidIn(stage, room, 2))).toEqual([
      [botId, '$one'],
      [botId, '$two'],
    ]);
    expect(stage.log().split('speaks for an agent that cannot').length - 1).toBe(1);
    await stop();
    await stage.alice.invite(room, ghostId('billing'));
    await stage.egress();
    await stage.publish(room, 'reply.finished', { turn: '$three', text: '$three', agent: 'billing' });
    expect(bodies(await saidIn(stage, room, 3)).at(-1)).toEqual([ghostId('billing'), '$three']);
  });

  it('come back where they had left because the bot was not there any more', async () => {
    await using stage = await openGhostsStage(redisUrl);
    const room = await stage.room();
    const stop = await stage.egress();
    await stage.publish(room, 'reply.finished', { turn: '$one', text: 'one', agent: 'billing' });
    await saidIn(stage, room, 1);
    await stop();
    const leave = `/v3/rooms/${encodeURIComponent(room)}/leave`;
    const query = { user_id: ghostId('billing') };
    await stage.bot.request('POST', leave, { query, body: { reason: ghostLeft } });
    await stage.egress();
    await stage.publish(room, 'reply.finished', { turn: '$two', text: 'two', agent: 'billing' });
    expect(bodies(await saidIn(stage, room, 2)).at(-1)).toEqual([ghostId('billing'), 'two']);
  });

  it('stay out once they were put out of a room, and nothing they had to say is lost', async () => {
    await using stage = await openGhostsStage(redisUrl);
    const room = await stage.room();
    await stage.egress();
    await stage.publish(room, 'reply.drafted', { turn: '$one', text: 'half', agent: 'billing' });
    await saidIn(stage, room, 1);
    const place = `/v3/rooms/${encodeURIComponent(room)}/kick`;
    await stage.alice.request('POST', place, { body: { user_id: ghostId('billing') } });
    await stage.publish(room, 'reply.finished', { turn: '$one', text: 'half and whole', agent: 'billing' });
    await stage.publish(room, 'reply.finished', { turn: '$two', text: 'more', agent: 'billing' });
    const said = await eventually(async () => {
      const events = await stage.said(room);
      return events.some(({ content }) => content['body'] === 'more') && events;
    });
    expect(bodies(said)).toContainEqual([botId, 'half and whole']);
    expect(bodies(said)).toContainEqual([botId, 'more']);
    expect(await stage.deadLetters()).toBe(0);
    const members = await stage.alice.request('GET', `/v3/rooms/${encodeURIComponent(room)}/joined_members`);
    expect(Object.keys(members['joined'] ?? {})).not.toContain(ghostId('billing'));
  });

  it.each([
    ['looks like another', 'b\u0456lling'],
    ['is too long', 'x'.repeat(70)],
  ])('are not made for an agent whose id %s: the bot speaks', async (_, agent) => {
    await using stage = await openGhostsStage(redisUrl);
    const room = await stage.room();
    await stage.egress();
    await stage.publish(room, 'reply.finished', { turn: '$one', text: 'one', agent });
    expect(bodies(await saidIn(stage, room, 1))).toEqual([[botId, 'one']]);
    expect(stage.log()).toContain('no user can be named after the agent');
  });

  it('are off where the registration does not cover them, and the log says how to have them', async () => {
    await using stage = await openGhostsStage(redisUrl, { users: [] });
    const room = await stage.room();
    await stage.egress();
    await stage.publish(room, 'reply.finished', { turn: '$one', text: 'one', agent: 'billing' });
    expect(bodies(await saidIn(stage, room, 1))).toEqual([[botId, 'one']]);
    expect(stage.log()).toContain("regex: '@_vagent_.*:localhost'");
  });

  it('wait with what they have to say while the homeserver gives no answer, and say it themselves', async () => {
    await using stage = await openGhostsStage(redisUrl);
    const room = await stage.room();
    await stage.egress();
    await stage.homeserver.script({ action: 'fail-before', path: '/register', times: 2 });
    await stage.publish(room, 'reply.finished', { turn: '$one', text: 'one', agent: 'billing' });
    expect(bodies(await saidIn(stage, room, 1))).toEqual([[ghostId('billing'), 'one']]);
  });
});
