import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import type { MatrixUser } from '../support/matrix-user.ts';
import { useStage } from '../support/system-stage.ts';
import { answerTo } from '../support/system-talk.ts';
import { readRoom } from '../support/system-timeline.ts';

const question = 'How do I reset my 2FA?';
const sending = { method: 'PUT', path: '/send/m\\.room\\.message/' } as const;

describe('a homeserver that misbehaves, read by sync', () => {
  const stage = useStage();

  async function open(name: string): Promise<{ user: MatrixUser; room: string }> {
    const { system } = stage();
    const user = await system.user(name);
    return { user, room: await system.direct(user) };
  }

  async function turnsIn(room: string, user: MatrixUser): Promise<string[]> {
    const { said } = await readRoom({ roomId: room, reader: user, kind: 'direct' }, stage().system.botId);
    return said.map(({ vagent }) => vagent.turn);
  }

  it('F57 shows an event twice, and a whole answer twice: each message is answered once', async () => {
    const { system, script } = stage();
    const { user, room } = await open('ada');
    await script({ action: 'repeat-event', user: system.botId });
    const first = await user.say(room, question);
    await answerTo(system, room, first);
    await script({ action: 'repeat-sync', user: system.botId });
    const second = await user.say(room, question);
    await answerTo(system, room, second);
    const third = await user.say(room, 'thanks');
    await answerTo(system, room, third);
    expect(await turnsIn(room, user)).toEqual([first, second, third]);
  });

  it('F57 shows all history again after the token was lost: nothing old is answered', async () => {
    const { system } = stage();
    const { user, room } = await open('bea');
    const early = await user.say(room, question);
    await answerTo(system, room, early);
    await system.process('ingress-1').kill('SIGKILL');
    const facts = await system.redis.keys(`${system.keys.fact(0, '').replace(/\{0\}.*/, '')}*fact:*`);
    // Without its token and without its ledger, only the rule about first syncs is left.
    await system.redis.del(system.keys.sync(system.botId), ...facts);
    await system.start(['ingress-1']);
    const late = await user.say(room, 'thanks');
    await answerTo(system, room, late);
    expect(await turnsIn(room, user)).toEqual([early, late]);
  });

  it('F58 leaves a gap in /sync: what is missing is paged in and answered in order', async () => {
    const { system, script } = stage();
    const { user, room } = await open('cat');
    await answerTo(system, room, await user.say(room, 'hello'));
    await system.process('ingress-1').kill('SIGTERM');
    await script({ action: 'limit-timeline', user: system.botId, limit: 2 });
    const asked: string[] = [];
    for (let i = 1; i <= 12; i += 1) asked.push(await user.say(room, `${question} (${i})`));
    await system.start(['ingress-1']);
    for (const eventId of asked) await answerTo(system, room, eventId);
    expect((await turnsIn(room, user)).slice(1)).toEqual(asked);
  });

  it('F59 is slow to take a reply: one post', async () => {
    const { system, script } = stage();
    const { user, room } = await open('dee');
    await script({ action: 'delay', ...sending, user: system.botId, ms: 3_000 });
    const asked = await user.say(room, question);
    await answerTo(system, room, asked);
    expect(await turnsIn(room, user)).toEqual([asked]);
  });

  for (const { name, how, fault } of [
    { name: 'eve', how: '502 after it has taken the reply', fault: { action: 'fail-after', status: 502 } },
    {
      name: 'fay',
      how: '504 with a proxy’s page after it has taken the reply',
      fault: { action: 'fail-after', status: 504, html: true },
    },
    { name: 'gus', how: 'a cut connection after it has taken the reply', fault: { action: 'cut-after' } },
    { name: 'hal', how: '502 without having taken it', fault: { action: 'fail-before', status: 502 } },
  ] as const)
    it(`F59 answers with ${how}: the same transaction again, one post`, async () => {
      const { system, script } = stage();
      const { user, room } = await open(name);
      await script({ ...fault, ...sending, user: system.botId, times: 2 });
      const asked = await user.say(room, question);
      await answerTo(system, room, asked, 30_000);
      expect(await turnsIn(room, user)).toEqual([asked]);
    });

  for (const { name, how, limit, atLeastMs } of [
    { name: 'ida', how: 'Retry-After', limit: { header: '2' }, atLeastMs: 2_000 },
    { name: 'ivo', how: 'retry_after_ms alone', limit: { bodyMs: 1_500 }, atLeastMs: 1_500 },
    { name: 'jan', how: 'a fraction of a second', limit: { header: '0.5' }, atLeastMs: 500 },
    { name: 'jil', how: 'no word on how long', limit: {}, atLeastMs: 500 },
  ])
    it(`F60 limits the rate with ${how}: waits as told, no attempt is burned`, async () => {
      const { system, script } = stage();
      const { user, room } = await open(name);
      const failed = () => system.process('egress-1').metric('vagent_entry_attempts_failed_total');
      const before = await failed();
      await script({ action: 'rate-limit', ...sending, user: system.botId, ...limit });
      const asked = await user.say(room, question);
      const { event } = await answerTo(system, room, asked, 30_000);
      const { origin_server_ts: askedAt } = await user.event(room, asked);
      expect(event.origin_server_ts - askedAt).toBeGreaterThanOrEqual(atLeastMs);
      expect(await failed()).toBe(before);
      expect(await turnsIn(room, user)).toEqual([asked]);
    });

  it('F60 limits one room for long: the others are served meanwhile, in the end all are', async () => {
    const { system, script } = stage();
    const [slow, quick] = [await open('kai'), await open('kim')];
    const path = `/rooms/${encodeURIComponent(slow.room).replace('.', '\\.')}/send/`;
    await script({ action: 'rate-limit', method: 'PUT', path, user: system.botId, header: '15' });
    const egress = system.process('egress-1');
    const told = (): Promise<number> => egress.metric('vagent_matrix_told_to_wait_seconds_total');
    const before = await told();
    const late = await slow.user.say(slow.room, question);
    await eventually(async () => (await told()) > before, { what: 'the reply was refused' });
    const asked = await quick.user.say(quick.room, question);
    const served = await answerTo(system, quick.room, asked);
    const waited = await answerTo(system, slow.room, late, 40_000);
    expect(served.event.origin_server_ts).toBeLessThan(waited.event.origin_server_ts);
  });
});

describe('a homeserver that misbehaves, pushing to an appservice', () => {
  const stage = useStage({ mode: 'appservice' });

  it('F57 sends a transaction again: each message is answered once', async () => {
    const { system, script } = stage();
    const user = await system.user('lea');
    const room = await system.direct(user);
    const asked = await user.say(room, question);
    await answerTo(system, room, asked);
    await script({ action: 'resend-transaction', appservice: 'vagent' });
    const next = await user.say(room, 'thanks');
    await answerTo(system, room, next);
    const { said } = await readRoom({ roomId: room, reader: user, kind: 'direct' }, system.botId);
    expect(said.map(({ vagent }) => vagent.turn)).toEqual([asked, next]);
  });
});
