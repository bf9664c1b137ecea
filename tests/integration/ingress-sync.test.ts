import { describe, expect, inject, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { IngressWorld } from './ingress-world.ts';

const redisUrl = inject('redisUrl');

describe('ingress by /sync', () => {
  it('publishes a message once, with all that is known of it', async () => {
    await using world = await IngressWorld.start(redisUrl);
    const room = await world.room();
    const ingress = await world.ingress();
    await ingress.ready();
    const eventId = await world.alice.say(room, 'hello');
    await world.waitForTexts(['hello']);
    const [entry, ...others] = await world.entries();
    expect(others).toEqual([]);
    expect(entry).toMatchObject({
      type: 'message.received',
      id: eventId,
      session: `${room}:main:${world.alice.userId}`,
      trace: expect.stringMatching(/^00-[0-9a-f]{32}-/),
      body: {
        eventId,
        sender: world.alice.userId,
        displayName: 'alice',
        text: 'hello',
        thread: null,
        replyTo: null,
        direct: true,
        attachments: [],
        encrypted: false,
      },
    });
  });

  it('answers nothing that was said before its first start', async () => {
    await using world = await IngressWorld.start(redisUrl);
    const room = await world.room();
    await world.alice.say(room, 'old');
    const ingress = await world.ingress();
    await ingress.ready();
    await world.alice.say(room, 'new');
    await world.waitForTexts(['new']);
    expect(await world.texts()).toEqual(['new']);
  });

  it('answers nothing that was said before it came into a room', async () => {
    await using world = await IngressWorld.start(redisUrl);
    const ingress = await world.ingress();
    await ingress.ready();
    const room = await world.alice.createRoom({ preset: 'public_chat' });
    await world.alice.say(room, 'before');
    await world.alice.invite(room, world.bot.userId);
    const isIn = async () =>
      (await world.alice.timeline(room)).some(
        ({ type, sender, content }) =>
          type === 'm.room.member' && sender === world.bot.userId && content['membership'] === 'join',
      );
    await eventually(isIn, { what: 'the bot joined' });
    await world.alice.say(room, 'after');
    await world.waitForTexts(['after']);
    expect(await world.texts()).toEqual(['after']);
  });

  it('reads what was said while it was away, through gaps and in order', async () => {
    await using world = await IngressWorld.start(redisUrl);
    const room = await world.room();
    const first = await world.ingress();
    await first.ready();
    await world.alice.say(room, 'zero');
    await world.waitForTexts(['zero']);
    await first.stop();
    const missed = Array.from({ length: 230 }, (_, index) => `missed ${index}`);
    for (const text of missed) await world.alice.say(room, text);
    await world.homeserver.script({ action: 'limit-timeline', user: world.bot.userId, limit: 3 });
    const second = await world.ingress();
    await world.waitForTexts(missed);
    expect(await world.texts()).toEqual(['zero', ...missed]);
    expect(await second.metrics.registry.metrics()).toContain(
      'ingress_gaps_total{outcome="closed",service="ingress"} 1',
    );
    expect(await world.deadLetters()).toEqual([]);
  });

  it('is ready at once after a restart, also where nothing happens', async () => {
    await using world = await IngressWorld.start(redisUrl);
    const first = await world.ingress();
    await first.ready();
    await first.stop();
    const second = await world.ingress();
    await second.ready();
  });

  it('publishes once what a repeated sync or a repeated event shows again', async () => {
    await using world = await IngressWorld.start(redisUrl);
    const room = await world.room();
    const ingress = await world.ingress();
    await ingress.ready();
    await world.homeserver.script({ action: 'repeat-sync', user: world.bot.userId });
    await world.homeserver.script({ action: 'repeat-event', user: world.bot.userId });
    await world.alice.say(room, 'one');
    await world.alice.say(room, 'two');
    await world.alice.say(room, 'three');
    await world.waitForTexts(['one', 'two', 'three']);
    expect((await world.texts()).toSorted()).toEqual(['one', 'three', 'two']);
  });

  it('goes on after failures of the homeserver', async () => {
    await using world = await IngressWorld.start(redisUrl);
    const room = await world.room();
    const ingress = await world.ingress();
    await ingress.ready();
    await world.homeserver.script({ action: 'fail-before', path: '/sync', html: true, times: 2 });
    await world.homeserver.script({ action: 'garbage', path: '/members', times: 1 });
    await world.homeserver.script({ action: 'rate-limit', path: '/members', header: '0.2' });
    await world.homeserver.script({ action: 'restart' });
    await world.alice.say(room, 'still here');
    await world.waitForTexts(['still here']);
    expect(await world.deadLetters()).toEqual([]);
  });

  it('lets one of two replicas read, and the other take over when it stops', async () => {
    await using world = await IngressWorld.start(redisUrl);
    const room = await world.room();
    const first = await world.ingress();
    await first.ready();
    const second = await world.ingress();
    await second.ready();
    const leads = async (ingress: typeof first): Promise<boolean> =>
      (await ingress.metrics.registry.metrics()).includes('vagent_ingress_is_leader{service="ingress"} 1');
    expect(await leads(first)).toBe(true);
    expect(await leads(second)).toBe(false);
    await world.alice.say(room, 'to the first');
    await world.waitForTexts(['to the first']);
    await first.stop();
    await world.alice.say(room, 'to the second');
    await world.waitForTexts(['to the second']);
    expect(await leads(second)).toBe(true);
    expect(await world.texts()).toEqual(['to the first', 'to the second']);
  });
});
