import { describe, expect, inject, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { startEncryptedStage } from './ingress-encrypted-stage.ts';

const redisUrl = inject('redisUrl');

/** A stage with a running ingress. */
async function start(env: Record<string, string> = {}) {
  const stage = await startEncryptedStage(redisUrl, env);
  const ingress = await stage.world.ingress();
  await ingress.ready();
  await stage.deviceIsUp();
  const metrics = (): Promise<string> => ingress.metrics.registry.metrics();
  const ignored = async (reason: string): Promise<number> => {
    const series = `vagent_ingress_ignored_total{reason="${reason}",service="ingress"} `;
    return Number((await metrics()).split(series)[1]?.split('\n')[0] ?? 0);
  };
  return { ...stage, ingress, metrics, ignored, [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose]() };
}

describe('ingress in encrypted rooms', () => {
  it('publishes what was encrypted, in order, and keeps nothing in the queue', async () => {
    await using stage = await start();
    const { alice, world } = stage;
    const room = await stage.room();
    const question = await alice.say(room, 'where is my parcel');
    await alice.say(room, 'in the thread', { thread: question });
    await alice.say(room, 'and my refund?');
    const all = await stage.waitForMessages(3);
    const inMain = all.filter(({ thread }) => thread === null);
    expect(inMain.map(({ text }) => text)).toEqual(['where is my parcel', 'and my refund?']);
    expect(inMain[0]).toMatchObject({ encrypted: true, eventId: question, direct: true });
    expect(all.find(({ thread }) => thread === question)?.text).toBe('in the thread');
    await alice.edit(room, question, 'where is my letter');
    const [edit] = await eventually(async () => {
      const all = await world.entriesOf('message.edited');
      return all.length > 0 && all;
    });
    expect(edit?.body).toMatchObject({ edits: question, text: 'where is my letter' });
    await alice.redact(room, question);
    await eventually(async () => (await world.entriesOf('message.redacted')).length === 1);
    await eventually(async () => (await stage.queued()) === 0);
    expect(await stage.metrics()).toContain(
      'vagent_ingress_decrypted_total{outcome="read",service="ingress"} 4',
    );
    expect(await stage.metrics()).toContain('vagent_ingress_waiting_for_keys{service="ingress"} 0');
  });

  it('accepts invites into encrypted rooms, and answers only who means it there', async () => {
    await using stage = await start();
    const { alice, world } = stage;
    const room = await alice.createEncryptedRoom({ invite: [world.bot.userId] });
    await world.bob.join(room);
    await alice.waitFor(
      room,
      ({ type, state_key, content }) =>
        type === 'm.room.member' && state_key === world.bot.userId && content['membership'] === 'join',
    );
    await alice.say(room, 'to somebody');
    await alice.say(room, 'to the bot', { mention: world.bot.userId });
    const [message, ...others] = await stage.waitForMessages(1);
    expect(others).toEqual([]);
    expect(message).toMatchObject({ text: 'to the bot', direct: false });
    await eventually(async () => (await stage.ignored('not_mentioned')) === 1);
  });

  it('T24: does not believe clear text in an encrypted room, whoever seems to have sent it', async () => {
    await using stage = await start();
    const { alice, world } = stage;
    const room = await stage.room();
    const content = (body: string) => ({ msgtype: 'm.text', body });
    await alice.sendClear(room, content('forged'));
    const said = await alice.say(room, 'true');
    const relation = { rel_type: 'm.replace', event_id: said };
    const edit = { ...content('* no'), 'm.new_content': content('no'), 'm.relates_to': relation };
    await stage.waitForMessages(1);
    await alice.sendClear(room, edit);
    await eventually(async () => (await stage.ignored('plaintext')) === 2, { what: 'both were seen' });
    expect(await world.texts()).toEqual(['true']);
    expect(await world.entriesOf('message.edited')).toEqual([]);
  });

  it('T24: remembers what was encrypted, though the homeserver says it is not', async () => {
    await using stage = await start();
    const { alice, world } = stage;
    const room = await stage.room();
    await alice.say(room, 'seen encrypted');
    await stage.waitForMessages(1);
    await stage.ingress.stop();
    await using next = await world.ingress();
    await next.ready();
    await world.homeserver.script({
      action: 'fail-before',
      method: 'GET',
      path: 'state/m.room.encryption',
      status: 404,
      times: 50,
    });
    await alice.sendClear(room, { msgtype: 'm.text', body: 'believe me' });
    const what = 'the clear message was ignored';
    await eventually(async () => /reason="plaintext"[^\n]* 1$/m.test(await next.metrics.registry.metrics()), {
      what,
    });
    expect(await world.texts()).toEqual(['seen encrypted']);
  });

  it('reads a room that becomes encrypted', async () => {
    await using stage = await start();
    const { alice, world } = stage;
    const room = await alice.createRoom({ preset: 'public_chat' });
    await world.bot.join(room);
    await alice.say(room, 'clear');
    await world.waitForTexts(['clear']);
    const path = `/v3/rooms/${encodeURIComponent(room)}/state/m.room.encryption/`;
    await alice.request('PUT', path, { body: { algorithm: 'm.megolm.v1.aes-sha2' } });
    await alice.say(room, 'encrypted');
    const all = await stage.waitForMessages(2);
    expect(all.map(({ text, encrypted }) => [text, encrypted])).toEqual([
      ['clear', false],
      ['encrypted', true],
    ]);
    await alice.sendClear(room, { msgtype: 'm.text', body: 'clear again' });
    await eventually(async () => (await stage.ignored('plaintext')) === 1);
  });
});
