import { afterEach, beforeEach, expect, inject, it } from 'vitest';
import { type CryptoStage, openCryptoStage } from './crypto-stage.ts';

let stage: CryptoStage;
beforeEach(async () => {
  stage = await openCryptoStage(inject('redisUrl'));
});
afterEach(() => stage[Symbol.asyncDispose]());

const text = (body: string) => ({ msgtype: 'm.text', body });

it('two devices of the bot and a person read each other', async () => {
  const alice = await stage.person('alice', { isSigned: true });
  const room = await stage.room(alice);
  const [ingress, egress] = await Promise.all([
    stage.held(stage.open(['VAGENT_CRYPTO_INGRESS'])),
    stage.held(stage.open(['VAGENT_CRYPTO_EGRESS_0'])),
  ]);
  expect(ingress.fingerprint).not.toBe(egress.fingerprint);

  const said = await alice.say(room, 'hello');
  const event = await stage.bot.event(room, said);
  expect(event.type).toBe('m.room.encrypted');
  const read = await ingress.decrypt(event, room);
  expect(read).toMatchObject({
    ok: true,
    type: 'm.room.message',
    content: { body: 'hello' },
    isSigned: true,
  });

  const relation = { rel_type: 'm.thread', event_id: said };
  const content = { ...text('good day'), 'm.relates_to': relation };
  const encrypted = await egress.encrypt(room, 'm.room.message', content, AbortSignal.timeout(10_000));
  expect(encrypted['m.relates_to']).toEqual(relation);
  expect(JSON.stringify(encrypted)).not.toContain('good day');
  const sent = await stage.send(room, encrypted);
  const seen = await alice.waitFor(
    room,
    ({ event_id, type }) => event_id === sent && type === 'm.room.message',
  );
  expect(seen.content['body']).toBe('good day');
  // The bot's other device too.
  expect(await ingress.decrypt(await stage.bot.event(room, sent), room)).toMatchObject({ ok: true });
});
