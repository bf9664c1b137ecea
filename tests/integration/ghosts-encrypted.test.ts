import { describe, expect, inject, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import type { MatrixEvent } from '../support/matrix-user.ts';
import { botId, type GhostsStage, ghostId, openGhostsStage } from './ghosts-stage.ts';

const redisUrl = inject('redisUrl');

async function saidIn(stage: GhostsStage, room: string, count: number): Promise<MatrixEvent[]> {
  return eventually(
    async () => {
      const said = await stage.said(room);
      return said.length >= count && said;
    },
    { withinMs: 40_000, what: `${count} events can be read in the room` },
  );
}

/** What the homeserver keeps of a room, as nobody with keys sees it. */
async function rawOf(stage: GhostsStage, room: string): Promise<MatrixEvent[]> {
  const events = await stage.bot.timeline(room);
  return events.filter(({ sender, state_key }) => sender !== stage.alice.userId && state_key === undefined);
}

const bodies = (events: readonly MatrixEvent[]): unknown[] =>
  events.map(({ sender, content }) => [sender, content['body']]);

describe('agents as users of their own, in encrypted rooms', () => {
  it('speak each with a device of its own, signed by keys of its own, and no word of it is clear', async () => {
    await using stage = await openGhostsStage(redisUrl, { isEncrypted: true });
    const room = await stage.room();
    const egress = stage.process();
    await egress.start();
    await stage.publish(room, 'reply.finished', { turn: '$one', text: 'a plum invoice', agent: 'billing' });
    await stage.publish(room, 'reply.finished', { turn: '$two', text: 'a plum reset', agent: 'tech' });
    await stage.publish(room, 'reply.finished', { turn: '$three', text: 'a plum hello', agent: null });
    expect(bodies(await saidIn(stage, room, 3))).toEqual([
      [ghostId('billing'), 'a plum invoice'],
      [ghostId('tech'), 'a plum reset'],
      [botId, 'a plum hello'],
    ]);
    const raw = await rawOf(stage, room);
    expect(raw.map(({ type }) => type)).toEqual(raw.map(() => 'm.room.encrypted'));
    expect(JSON.stringify(raw)).not.toContain('plum');
    const user = ghostId('billing');
    const keys = await stage.alice.request('POST', '/v3/keys/query', {
      body: { device_keys: { [user]: [] } },
    });
    expect(keys).toMatchObject({
      master_keys: { [user]: { user_id: user } },
      device_keys: { [user]: { VAGENT_CRYPTO_EGRESS_0: { user_id: user } } },
    });
    const [device] = Object.values(
      (keys['device_keys'] as Record<string, Record<string, { signatures: Record<string, object> }>>)[user] ??
        {},
    );
    // By itself, and by its user.
    expect(Object.keys(device?.signatures[user] ?? {})).toHaveLength(2);
    expect(await egress.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  });

  it('F17: say it once where egress is killed after the homeserver has answered, and it is read', async () => {
    await using stage = await openGhostsStage(redisUrl, { isEncrypted: true });
    const room = await stage.room();
    const egress = stage.process();
    await egress.start({ FAILPOINT: 'egress.after-send:kill' });
    await stage.publish(room, 'reply.finished', { turn: '$one', text: 'an invoice', agent: 'billing' });
    expect(await egress.ended()).toMatchObject({ signal: 'SIGKILL' });
    await stage.homeserver.script({ action: 'restart' });
    const other = stage.process('egress-2');
    await other.start();
    await eventually(async () => (await stage.pending()) === 0, { withinMs: 40_000 });
    expect(bodies(await saidIn(stage, room, 1))).toEqual([[ghostId('billing'), 'an invoice']]);
    expect(await rawOf(stage, room)).toHaveLength(1);
    expect(await other.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  });
});
