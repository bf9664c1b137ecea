import { once } from 'node:events';
import { describe, expect, inject, it } from 'vitest';
import { startEncryptedStage } from '../integration/ingress-encrypted-stage.ts';
import { eventually } from '../support/eventually.ts';
import { startRedis } from '../support/start-redis.ts';

const redisUrl = inject('redisUrl');

describe('the queue of encrypted events', () => {
  it.each([
    { when: 'before what it read is published', failpoint: 'ingress.before-publish:kill' },
    { when: 'in the middle of a batch', failpoint: 'ingress.mid-batch:kill:2' },
    {
      when: 'after publishing, before the queue is told',
      failpoint: 'ingress.before-ciphertext-removed:kill',
    },
    { when: 'after queueing, before the homeserver is told', failpoint: 'ingress.before-token:kill' },
  ])('F64: ingress is killed $when: nothing is lost, doubled or out of order', async ({ failpoint }) => {
    await using stage = await startEncryptedStage(redisUrl);
    const { alice, world } = stage;
    const first = await world.ingress();
    await first.ready();
    await stage.deviceIsUp();
    const room = await stage.room();
    await alice.say(room, 'zero');
    await stage.waitForMessages(1);
    await first.stop();
    const doomed = world.process({ FAILPOINT: failpoint });
    const texts = ['one', 'two', 'three'];
    for (const text of texts) await alice.say(room, text);
    await eventually(() => doomed.signalCode === 'SIGKILL', { withinMs: 20_000, what: 'it was killed' });
    const next = await world.ingress();
    await next.ready();
    const all = await stage.waitForMessages(4);
    expect(all.map(({ text }) => text)).toEqual(['zero', ...texts]);
    await eventually(async () => (await stage.queued()) === 0);
    expect(await stage.messages()).toHaveLength(4);
  });

  it('F64: ingress freezes with the device in its hands: its successor reads on, and the frozen one does no harm', async () => {
    await using stage = await startEncryptedStage(redisUrl);
    const { alice, world } = stage;
    const zombie = world.process();
    await stage.deviceIsUp();
    const room = await stage.room();
    await alice.say(room, 'one');
    await stage.waitForMessages(1);
    zombie.kill('SIGSTOP');
    await alice.say(room, 'two');
    const next = await world.ingress();
    await next.ready();
    await stage.waitForMessages(2);
    zombie.kill('SIGCONT');
    await alice.say(room, 'three');
    const all = await stage.waitForMessages(3);
    expect(all.map(({ text }) => text)).toEqual(['one', 'two', 'three']);
    const exited = once(zombie, 'exit');
    zombie.kill('SIGKILL');
    await exited;
    expect(await stage.messages()).toHaveLength(3);
  });

  it('F64: Redis is away while events wait for their key: they are read when both are back', async () => {
    await using server = await startRedis();
    await using stage = await startEncryptedStage(server.url, { KEY_WAIT_SECONDS: '300' });
    const { alice, world } = stage;
    const ingress = await world.ingress();
    await ingress.ready();
    await stage.deviceIsUp();
    const room = await stage.room();
    alice.holdKeys(world.bot.userId);
    await alice.say(room, 'one');
    await eventually(async () => (await stage.queued()) === 1);
    await server.kill();
    await alice.say(room, 'while it is away');
    await server.start();
    await alice.say(room, 'two');
    await alice.releaseKeys();
    const all = await stage.waitForMessages(3);
    expect(all.map(({ text }) => text)).toEqual(['one', 'while it is away', 'two']);
  });
});
