import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, inject, it } from 'vitest';
import type { CryptoDevice } from '#crypto/crypto-device';
import { createCryptoMetrics } from '#crypto/crypto-metrics';
import { eventually } from '../support/eventually.ts';
import { type CryptoStage, openCryptoStage, placeOf, text } from './crypto-stage.ts';

const device = 'EGRESS_0';
let stage: CryptoStage;
beforeEach(async () => {
  stage = await openCryptoStage(inject('redisUrl'));
});
afterEach(() => stage[Symbol.asyncDispose]());

const say = (from: CryptoDevice, room: string, body: string) =>
  from.encrypt(room, 'm.room.message', text(body), AbortSignal.timeout(80_000));
const asked = (path: string): number =>
  stage.homeserver.requests().filter((request) => request.path.includes(path)).length;

it.each([
  ['GET', '/members', 'fail-before'],
  ['POST', '/keys/query', 'fail-before'],
  ['POST', '/keys/claim', 'fail-after'],
  ['PUT', '/sendToDevice/', 'fail-before'],
  ['PUT', '/sendToDevice/', 'fail-after'],
] as const)(
  'F59: nothing is encrypted where %s %s plays %s, and the next try is read',
  async (method, path, action) => {
    const held = await stage.held(stage.open([device]));
    const alice = await stage.person('alice');
    const room = await stage.room(alice);
    // Also what the device does by itself meets the fault, so that it is played until our own request has met it.
    await stage.homeserver.script({ action, method, path, times: 1_000 });
    await expect(say(held, room, 'one')).rejects.toMatchObject({ retryable: true });
    await stage.homeserver.script({ action: 'clear' });
    const sent = await stage.send(room, await say(held, room, 'one'));
    expect((await alice.waitFor(room, ({ event_id }) => event_id === sent)).content['body']).toBe('one');
  },
);

it('F59: a homeserver that fails for a while keeps the device, and what came meanwhile is read afterwards', async () => {
  const alice = await stage.person('alice');
  const room = await stage.room(alice);
  const held = await stage.held(stage.open([device], { waitMs: 200 }));
  const user = stage.bot.userId;
  await stage.homeserver.script({ action: 'fail-before', path: '/sync', user, times: 3, html: true });
  const event = await stage.bot.event(room, await alice.say(room, 'through the storm'));
  await eventually(async () => (await held.decrypt(event, room)).ok);
});

it('what the homeserver refuses for good is counted, and not asked for without end', async () => {
  const metrics = createCryptoMetrics(new Registry());
  await stage.homeserver.script({
    ...{ action: 'fail-before', method: 'POST', path: '/keys/upload', status: 400, times: 1_000 },
  });
  const slot = stage.open([device], { metrics, waitMs: 50 });
  const refusals = async () =>
    (await metrics.refused.get()).values.find(({ labels }) => labels.type === 'KeysUpload')?.value;
  await eventually(async () => ((await refusals()) ?? 0) > 0);
  await stage.held(slot);
  const syncs = asked('/sync');
  await eventually(() => asked('/sync') > syncs + 5);
  expect(await refusals()).toBe(1);
});

it('one-time keys that the homeserver has with other contents are passed over', async () => {
  const metrics = createCryptoMetrics(new Registry());
  const key = stage.keys.cryptoStore(stage.bot.userId, device);
  const [alice, carol] = [await stage.person('alice'), await stage.person('carol')];
  const room = await stage.room(alice, [carol]);
  const slot = stage.open([device], { waitMs: 200 });
  await stage.held(slot);
  const older = await stage.redis.hgetall(key);
  const uploads = asked('/keys/upload');
  await alice.say(room, 'takes a key');
  await eventually(() => asked('/keys/upload') > uploads);
  await slot[Symbol.asyncDispose]();
  await stage.redis.multi().del(key).hset(key, older).exec();

  const again = stage.open([device], { metrics, waitMs: 200 });
  const held = await stage.held(again);
  await alice.newSession(room);
  const event = await stage.bot.event(room, await carol.say(room, 'still there?'));
  await eventually(async () => (await held.decrypt(event, room)).ok);
  expect((await metrics.refused.get()).values.every(({ value }) => value <= 2)).toBe(true);
  const sent = await stage.send(room, await say(held, room, 'yes'));
  expect((await carol.waitFor(room, ({ event_id }) => event_id === sent)).content['body']).toBe('yes');
});

it('a device of another user is not opened', async () => {
  const slot = stage.open([device], { userId: '@somebody:localhost' });
  await eventually(() =>
    slot.check().then(
      () => false,
      ({ name }: Error) => name === 'CryptoAccessError',
    ),
  );
  expect(slot.current()).toBeUndefined();
});

it('several slots of one process keep their devices apart', async () => {
  const alice = await stage.person('alice');
  const room = await stage.room(alice);
  const all = await Promise.all(['A', 'B', 'C'].map((name) => stage.held(stage.open([name]))));
  expect(new Set(all.map(({ fingerprint }) => fingerprint)).size).toBe(3);
  const places = (await Promise.all(all.map((one) => say(one, room, 'x')))).map(placeOf);
  expect(new Set(places.map(({ session }) => session)).size).toBe(3);
});
