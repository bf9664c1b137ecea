import { describe, expect, inject, it } from 'vitest';
import { type EncryptedStage, startEncryptedStage } from '../integration/ingress-encrypted-stage.ts';
import { eventually } from '../support/eventually.ts';

const redisUrl = inject('redisUrl');

async function start(env: Record<string, string> = {}) {
  const stage = await startEncryptedStage(redisUrl, env);
  const ingress = await stage.world.ingress();
  await ingress.ready();
  await stage.deviceIsUp();
  const metric = async (name: string): Promise<number> => {
    const found = new RegExp(`^vagent_ingress_${name}.* (\\S+)$`, 'm').exec(
      await ingress.metrics.registry.metrics(),
    );
    return Number(found?.[1] ?? 0);
  };
  return { ...stage, ingress, metric, [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose]() };
}

/** Waits until so many events wait for keys. */
function waiting(stage: { metric: (name: string) => Promise<number> }, count: number): Promise<boolean> {
  const what = `${count} events wait for keys`;
  return eventually(async () => (await stage.metric('waiting_for_keys')) === count, { what });
}

const textsOf = async (stage: EncryptedStage, thread: string | null): Promise<string[]> =>
  (await stage.messages()).filter((body) => body.thread === thread).map(({ text }) => text);

describe('F64: events whose key is not there', () => {
  it('F64: a late key: the message is read, in order with those behind it; others were not held up', async () => {
    await using stage = await start({ KEY_WAIT_SECONDS: '60' });
    const { alice, world } = stage;
    const room = await stage.room();
    const root = await alice.say(room, 'known');
    await stage.waitForMessages(1);
    alice.holdKeys(world.bot.userId);
    await alice.newSession(room);
    await alice.say(room, 'late one');
    await alice.say(room, 'late two');
    await waiting(stage, 2);
    expect(await stage.metric('oldest_key_wait_seconds')).toBeLessThan(60);
    const other = await alice.createRoom({ preset: 'public_chat' });
    await world.bot.join(other);
    await alice.say(other, 'elsewhere');
    await world.waitForTexts(['elsewhere']);
    expect(await stage.messages()).toHaveLength(2);
    await alice.releaseKeys();
    await stage.waitForMessages(4);
    expect(await textsOf(stage, null)).toEqual(expect.arrayContaining(['known', 'late one', 'late two']));
    const late = (await stage.messages()).map(({ text }) => text).filter((text) => text.startsWith('late'));
    expect(late).toEqual(['late one', 'late two']);
    await waiting(stage, 0);
    expect(root).toMatch(/^\$/);
  });

  it('F64: a key that never comes: one notice an hour, and the order goes on', async () => {
    await using stage = await start({ KEY_WAIT_SECONDS: '1' });
    const { alice, world } = stage;
    const room = await stage.room();
    alice.holdKeys(world.bot.userId);
    const lost = await alice.say(room, 'never readable');
    const alsoLost = await alice.say(room, 'nor this');
    alice.dropKeys();
    await alice.releaseKeys();
    await alice.newSession(room);
    await alice.say(room, 'readable again');
    const all = await stage.waitForMessages(3);
    expect(
      all.map(({ eventId, text, undecryptable }) => [
        eventId === lost || eventId === alsoLost,
        text,
        undecryptable?.tell,
      ]),
    ).toEqual([
      [true, '', true],
      [true, '', false],
      [false, 'readable again', undefined],
    ]);
    expect(all[0]).toMatchObject({
      eventId: lost,
      encrypted: true,
      undecryptable: { reason: 'its key has not come' },
    });
    expect(await world.deadLetters()).toEqual([]);
    await eventually(async () => (await stage.queued()) === 0);
  });

  it('F64: a key that is withheld for good is not waited for, and leaves a dead letter with the reason', async () => {
    await using stage = await start({ KEY_WAIT_SECONDS: '300' });
    const { alice, world } = stage;
    const room = await stage.room();
    alice.holdKeys(world.bot.userId);
    const withheld = await alice.say(room, 'not for bots');
    await waiting(stage, 1);
    await alice.tellWithheld(room, (await alice.event(room, withheld)).content);
    const [message] = await stage.waitForMessages(1);
    expect(message).toMatchObject({
      eventId: withheld,
      text: '',
      undecryptable: { tell: true, reason: expect.stringContaining('withheld') },
    });
    const [letter] = await world.deadLetters();
    expect(letter?.['reason']).toContain('withheld');
    expect(letter?.['raw']).toContain(withheld);
  });

  it('F64: in a room of many nobody is told of what may not have been for the bot, but of answers to it', async () => {
    await using stage = await start({ KEY_WAIT_SECONDS: '1' });
    const { alice, world } = stage;
    const room = await stage.room();
    await world.bob.join(room);
    const said = await world.bot.send(room, { msgtype: 'm.text', body: 'something of the bot' });
    alice.holdKeys(world.bot.userId);
    await alice.say(room, 'to nobody');
    const answer = await alice.reply(room, said, 'to the bot');
    const [message] = await stage.waitForMessages(1);
    expect(message).toMatchObject({ eventId: answer, undecryptable: { tell: true } });
    await eventually(async () => (await stage.queued()) === 0);
    expect(await stage.metric('ignored_total\\{reason="undecryptable"')).toBe(1);
  });

  it('F64: a redaction takes out what waits for its key', async () => {
    await using stage = await start({ KEY_WAIT_SECONDS: '300' });
    const { alice, world } = stage;
    const room = await stage.room();
    alice.holdKeys(world.bot.userId);
    const slip = await alice.say(room, 'a slip');
    await waiting(stage, 1);
    await alice.redact(room, slip);
    await waiting(stage, 0);
    await eventually(async () => (await stage.queued()) === 0);
    await alice.releaseKeys();
    await alice.say(room, 'the next');
    const [message] = await stage.waitForMessages(1);
    expect(message?.text).toBe('the next');
  });

  it('F64: events that wait survive a restart of ingress, and are read in their order', async () => {
    await using stage = await start({ KEY_WAIT_SECONDS: '300' });
    const { alice, world } = stage;
    const room = await stage.room();
    alice.holdKeys(world.bot.userId);
    await alice.say(room, 'one');
    await alice.say(room, 'two');
    await waiting(stage, 2);
    await stage.ingress.stop();
    await alice.say(room, 'three');
    await alice.releaseKeys();
    const next = await world.ingress();
    await next.ready();
    const all = await stage.waitForMessages(3);
    expect(all.map(({ text }) => text)).toEqual(['one', 'two', 'three']);
  });

  it("F64: the bot's device is reset: what was for the old one is told of, what comes next is read", async () => {
    await using stage = await start({ KEY_WAIT_SECONDS: '1' });
    const { alice, world } = stage;
    const room = await stage.room();
    await alice.say(room, 'before');
    await stage.waitForMessages(1);
    await stage.ingress.stop();
    const lost = await alice.say(room, 'while it was away');
    // The device is removed in a client, and its store is lost: nothing that was sent to it can ever be read.
    const identifier = { type: 'm.id.user', user: 'vagent' };
    const auth = { type: 'm.login.password', identifier, password: 'pw-vagent' };
    await world.bot.request('DELETE', '/v3/devices/VAGENT_CRYPTO_INGRESS', { body: { auth } });
    await world.redis.del(world.keys.cryptoStore(world.bot.userId, 'VAGENT_CRYPTO_INGRESS'));
    await alice.device.catchUp();
    const next = await world.ingress();
    await next.ready();
    const all = await stage.waitForMessages(2);
    expect(all.find(({ eventId }) => eventId === lost)).toMatchObject({
      text: '',
      undecryptable: { tell: true },
    });
    const isReadAgain = async (): Promise<boolean> => {
      await alice.newSession(room);
      await alice.say(room, 'after');
      return (await stage.messages()).some(({ text }) => text === 'after');
    };
    await eventually(isReadAgain, { everyMs: 500, what: 'the new device reads what is sent to it' });
  });
});
