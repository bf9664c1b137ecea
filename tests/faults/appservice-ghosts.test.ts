import { describe, expect, inject, it } from 'vitest';
import { type GhostsStage, ghostId, openGhostsStage } from '../integration/ghosts-stage.ts';
import { eventually } from '../support/eventually.ts';
import type { MatrixEvent } from '../support/matrix-user.ts';

const redisUrl = inject('redisUrl');
const said = { turn: '$one', text: 'an invoice', agent: 'billing' };

/** Egress dies between the homeserver's answer and its own commit, the homeserver restarts, egress comes back. */
async function dieAfterSending(stage: GhostsStage, room: string): Promise<MatrixEvent[]> {
  const egress = stage.process();
  await egress.start({ FAILPOINT: 'egress.after-send:kill' });
  await stage.publish(room, 'reply.finished', said);
  expect(await egress.ended()).toMatchObject({ signal: 'SIGKILL' });
  await stage.homeserver.script({ action: 'restart' });
  await egress.start();
  await egress.ready();
  await eventually(async () => (await stage.pending()) === 0, { withinMs: 20_000 });
  return stage.said(room);
}

describe('an agent that speaks as itself, killed between the answer and the commit', () => {
  it('F17: says it once, also when the homeserver restarts: its device remembers', async () => {
    await using stage = await openGhostsStage(redisUrl);
    const room = await stage.room();
    const events = await dieAfterSending(stage, room);
    expect(events.map(({ sender }) => sender)).toEqual([ghostId('billing')]);
  });

  it('F17: says it twice without a device, where the homeserver lets no appservice log in', async () => {
    await using stage = await openGhostsStage(redisUrl);
    const room = await stage.room();
    await stage.homeserver.script({ action: 'fail-before', path: '/login', status: 403, times: 1_000 });
    const events = await dieAfterSending(stage, room);
    expect(events.map(({ sender }) => sender)).toEqual([ghostId('billing'), ghostId('billing')]);
  });

  it('goes on as who has begun, whoever the next attempt would have had speak', async () => {
    await using stage = await openGhostsStage(redisUrl);
    const room = await stage.room();
    const egress = stage.process();
    await egress.start({ FAILPOINT: 'egress.after-send:kill' });
    await stage.publish(room, 'reply.drafted', { ...said, text: 'an inv' });
    expect(await egress.ended()).toMatchObject({ signal: 'SIGKILL' });
    await stage.publish(room, 'reply.finished', { ...said, agent: null });
    await egress.start();
    await egress.ready();
    await eventually(async () => (await stage.pending()) === 0, { withinMs: 20_000 });
    const events = await stage.said(room);
    expect(new Set(events.map(({ sender }) => sender))).toEqual(new Set([ghostId('billing')]));
    const posts = events.filter(({ content }) => !('m.new_content' in content));
    expect(posts).toHaveLength(1);
  });
});
