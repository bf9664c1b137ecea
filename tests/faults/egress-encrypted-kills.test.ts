import { describe, expect, inject, it } from 'vitest';
import {
  type EncryptedStage,
  openEncryptedStage,
  ratchetOf,
  shownIn,
} from '../integration/egress-encrypted-stage.ts';
import { eventually } from '../support/eventually.ts';
import type { MatrixEvent } from '../support/matrix-user.ts';
import { startHoldingProxy } from '../support/system-proxy.ts';

const redisUrl = inject('redisUrl');

const finish = (
  stage: EncryptedStage,
  turn: string,
  text: string,
  session = stage.session(),
): Promise<void> =>
  stage.publish('reply.finished', turn, { reply: turn, text, replyTo: null, revision: 1 }, session);

/**
 * Egress dies after the homeserver has taken an event of this type and before it knows; the homeserver restarts, and
 * keeps what Synapse keeps in its database: the transaction ids of devices.
 */
async function loseBoth(
  stage: EncryptedStage,
  { room, type, session }: { room: string; type: string; session: string },
): Promise<readonly MatrixEvent[]> {
  await using proxy = await startHoldingProxy(stage.homeserver.url);
  const egress = stage.egress('egress-1', { MATRIX_HOMESERVER: proxy.url });
  await egress.start();
  await egress.ready();
  const { held } = proxy.holdNext('PUT', new RegExp(`/send/${type.replaceAll('.', '\\.')}/`));
  await finish(stage, '$turn', 'A walnut', session);
  await held;
  await egress.kill('SIGKILL');
  expect(await stage.raw(room)).toHaveLength(1);
  await stage.homeserver.script({ action: 'restart' });
  await egress.start();
  await eventually(stage.isIdle, { withinMs: 20_000 });
  const sends = stage.homeserver.requests().filter(({ path }) => path.includes(`/send/${type}/`));
  expect(sends.length).toBeGreaterThanOrEqual(2);
  return stage.raw(room);
}

describe('egress killed in encrypted rooms', () => {
  it.each([
    ['with a password', false],
    ['of an appservice that logs in as a device', true],
  ])('F17: killed with the homeserver after the PUT, a bot %s has said it once', async (_, isAppservice) => {
    await using stage = await openEncryptedStage(redisUrl, { isAppservice });
    const { room } = stage;
    const events = await loseBoth(stage, { room, type: 'm.room.encrypted', session: stage.session() });
    expect(events).toHaveLength(1);
    expect((await stage.read()).map(shownIn)).toEqual(['A walnut']);
    expect(await stage.dead()).toEqual([]);
  });

  it('F17, the other way round: an appservice without a device, whose homeserver forgets, says it twice', async () => {
    await using stage = await openEncryptedStage(redisUrl, { isAppservice: true });
    await stage.homeserver.script({ action: 'fail-before', path: '/login$', status: 400, times: 1_000 });
    const room = await stage.alice.createRoom({ invite: [stage.bot.userId] });
    await stage.bot.join(room);
    const session = stage.session().replace(stage.room, room);
    const events = await loseBoth(stage, { room, type: 'm.room.message', session });
    expect(events.map(shownIn)).toEqual(['A walnut', 'A walnut']);
    expect((await stage.raw()).length).toBe(0);
  });

  it.each([
    'crypto.before-share',
    'crypto.after-encrypt',
    'egress.before-send',
    'egress.after-send',
    'egress.before-ack',
  ])(
    'killed at %s, the same device goes on: said once, readable, and no index of its ratchet comes twice',
    async (failpoint) => {
      await using stage = await openEncryptedStage(redisUrl);
      const egress = stage.egress();
      await stage.hold(egress, { FAILPOINT: `${failpoint}:kill` });
      await finish(stage, '$one', 'A walnut');
      expect(await egress.ended()).toMatchObject({ signal: 'SIGKILL' });
      const { redis, keys } = stage.transport;
      const lease = keys.cryptoLease(stage.bot.userId, 'VAGENT_CRYPTO_EGRESS_0');
      await redis.hset(lease, 'until', 0);
      await stage.hold(egress);
      await finish(stage, '$two', 'Two walnuts');
      await eventually(async () => (await stage.raw()).length === 2 && stage.isIdle());
      const raw = await stage.raw();
      expect((await stage.read()).map(shownIn)).toEqual(['A walnut', 'Two walnuts']);
      expect(raw.map(({ content }) => content['device_id'])).toEqual(raw.map(() => 'VAGENT_CRYPTO_EGRESS_0'));
      expect(new Set(raw.map(ratchetOf)).size).toBe(2);
    },
  );
});
