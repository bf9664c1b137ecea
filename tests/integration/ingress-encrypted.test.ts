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
  return { ...stage, ingress, [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose]() };
}

describe('ingress in encrypted rooms', () => {
  it('publishes what was encrypted, in order, and keeps nothing in the queue', async () => {
    await using stage = await start();
    const { alice, world } = stage;
    const room = await stage.room();
    const question = await alice.say(room, 'where is my parcel');
    await alice.say(room, 'in the thread', { thread: question });
    await alice.say(room, 'and my refund?');
    const [first, ...others] = await stage.waitForMessages(3);
    expect(first).toMatchObject({
      text: 'where is my parcel',
      encrypted: true,
      eventId: question,
      direct: true,
    });
    expect(others.map(({ text, thread }) => [text, thread])).toEqual(
      expect.arrayContaining([
        ['in the thread', question],
        ['and my refund?', null],
      ]),
    );
    await alice.edit(room, question, 'where is my letter');
    const edits = await eventually(async () => {
      const all = await world.entriesOf('message.edited');
      return all.length > 0 && all;
    });
    expect(edits[0]?.body).toMatchObject({ edits: question, text: 'where is my letter' });
    await eventually(async () => (await stage.queued()) === 0);
    expect(await stage.ingress.metrics.registry.metrics()).toContain(
      'vagent_ingress_decrypted_total{outcome="read",service="ingress"} 4',
    );
  });
});
