import { describe, expect, inject, it } from 'vitest';
import {
  type EncryptedStage,
  openEncryptedStage,
  ratchetOf,
  shownIn,
} from '../integration/egress-encrypted-stage.ts';
import { replacedBy } from '../integration/egress-stage.ts';
import { encryptionState } from '../support/encrypted-user.ts';
import { eventually } from '../support/eventually.ts';
import type { MatrixEvent } from '../support/matrix-user.ts';

const redisUrl = inject('redisUrl');

const finish = (stage: EncryptedStage, turn: string, text: string, session?: string): Promise<void> =>
  stage.publish('reply.finished', turn, { reply: turn, text, replyTo: null, revision: 1 }, session);

/** What everybody can read who keeps the room for its members. */
const wordsIn = (events: readonly MatrixEvent[], words: RegExp): readonly string[] =>
  events.map((event) => JSON.stringify(event)).filter((text) => words.test(text));

/** A room of Alice and the bot without encryption, and her session there. */
async function openClearRoom(stage: EncryptedStage): Promise<{ room: string; session: string }> {
  const room = await stage.alice.createRoom({ invite: [stage.bot.userId] });
  await stage.bot.join(room);
  return { room, session: stage.session().replace(stage.room, room) };
}

describe('egress in encrypted rooms, under faults', () => {
  it('T24: while the homeserver does not tell whether the room is encrypted, nothing is sent', async () => {
    await using stage = await openEncryptedStage(redisUrl);
    const { homeserver } = stage;
    const path = '/state/m\\.room\\.encryption';
    const egress = stage.egress();
    for (const status of [502, 500, 503]) {
      await homeserver.script({ action: 'fail-before', method: 'GET', path, user: stage.bot.userId, status });
    }
    await homeserver.script({ action: 'garbage', method: 'GET', path, user: stage.bot.userId, times: 2 });
    await stage.hold(egress);
    await finish(stage, '$turn', 'An apricot');
    const read = await eventually(
      async () => (await stage.read()).find((event) => shownIn(event) === 'An apricot'),
      { withinMs: 40_000 },
    );
    expect(read.type).toBe('m.room.message');
    const raw = await stage.raw();
    expect(raw.map(({ type }) => type)).toEqual(['m.room.encrypted']);
    expect(wordsIn(raw, /apricot/i)).toEqual([]);
    const lookups = homeserver.requests().filter((request) => /encryption\/$/.test(request.path));
    expect(lookups.length).toBeGreaterThanOrEqual(5);
  });

  it('T24: once encryption is switched on in mid-conversation, nothing more is in clear', async () => {
    await using stage = await openEncryptedStage(redisUrl);
    const { room, session } = await openClearRoom(stage);
    await stage.hold(stage.egress());
    const half = { reply: '$turn', text: 'Half a melon', replyTo: null, revision: 0 };
    await stage.publish('reply.drafted', '$turn', half, session);
    const [draft] = await eventually(async () => {
      const raw = await stage.raw(room);
      return raw.length === 1 && raw;
    });
    expect(draft?.content['body']).toBe('Half a melon');
    const { type, content } = encryptionState;
    await stage.alice.request('PUT', `/v3/rooms/${encodeURIComponent(room)}/state/${type}/`, {
      body: content,
    });
    await finish(stage, '$turn', 'A whole pumpkin', session);
    await finish(stage, '$next', 'Another pumpkin', session);
    const shown = await eventually(async () => {
      const events = (await stage.alice.timeline(room)).filter((event) => /pumpkin/.test(shownIn(event)));
      return events.length === 2 && events;
    });
    expect(shown.map(shownIn)).toEqual(['A whole pumpkin', 'Another pumpkin']);
    expect(shown.map(replacedBy)).toEqual([draft?.event_id, undefined]);
    const raw = await stage.raw(room);
    expect(raw.map((event) => event.type)).toEqual([
      'm.room.message',
      'm.room.encrypted',
      'm.room.encrypted',
    ]);
    expect(wordsIn(raw, /pumpkin/i)).toEqual([]);
  });

  it('T24: encryption that is switched on after egress has asked, and before it sends, is noticed', async () => {
    await using stage = await openEncryptedStage(redisUrl);
    const { room, session } = await openClearRoom(stage);
    await stage.hold(stage.egress('egress-1', { FAILPOINT: 'egress.before-send:delay=4000' }));
    await finish(stage, '$turn', 'A late lemon', session);
    const place = `/rooms/${encodeURIComponent(room)}/state/m.room.encryption/`;
    const answers = () => stage.homeserver.requests().filter(({ path }) => path.endsWith(place));
    // The homeserver has said that the room is clear.
    await eventually(async () => answers().some(({ status }) => status === 404));
    const { type, content } = encryptionState;
    await stage.alice.request('PUT', `/v3/rooms/${encodeURIComponent(room)}/state/${type}/`, {
      body: content,
    });
    const [sent] = await eventually(async () => {
      const raw = await stage.raw(room);
      return raw.length > 0 && raw;
    });
    expect(sent?.type).toBe('m.room.encrypted');
    expect(wordsIn(await stage.raw(room), /lemon/i)).toEqual([]);
    const shown = (await stage.alice.timeline(room)).map(shownIn);
    expect(shown).toContain('A late lemon');
  });

  it('T24: a room that was seen encrypted gets no plaintext, though the homeserver shows it as clear', async () => {
    await using stage = await openEncryptedStage(redisUrl);
    const { transport, bot } = stage;
    const { room, session } = await openClearRoom(stage);
    await transport.redis.hset(transport.keys.encryptedRooms(bot.userId), room, new Date().toISOString());
    await stage.hold(stage.egress());
    await finish(stage, '$turn', 'A secret fig', session);
    const [letter] = await eventually(async () => {
      const dead = await stage.dead();
      return dead.length > 0 && dead;
    });
    expect(letter?.join(' ')).toContain('the room is not encrypted');
    expect(await stage.raw(room)).toEqual([]);
  });

  it('T24: without a device, encrypted rooms wait and others go on; with one again, everything is said once', async () => {
    await using stage = await openEncryptedStage(redisUrl);
    const { transport, bot } = stage;
    const clear = await openClearRoom(stage);
    const egress = stage.egress();
    await stage.hold(egress);
    await finish(stage, '$before', 'A first cherry');
    await eventually(async () => (await stage.read()).some((event) => shownIn(event) === 'A first cherry'));
    // Somebody else holds all devices from now on.
    const leases = Array.from({ length: 32 }, (_, index) =>
      transport.keys.cryptoLease(bot.userId, `VAGENT_CRYPTO_EGRESS_${index}`),
    );
    const until = String(Date.now() + 600_000);
    for (const key of leases) {
      await transport.redis.multi().hincrby(key, 'epoch', 1).hset(key, { owner: 'other', until }).exec();
    }
    await finish(stage, '$while', 'A second cherry');
    await finish(stage, '$clear', 'No secret', clear.session);
    await eventually(async () => (await stage.raw(clear.room)).length === 1);
    await eventually(async () => (await egress.metric('vagent_crypto_device_held')) === 0);
    const ready = await fetch(`${egress.url}/ready`);
    expect(ready.status).toBe(200);
    expect(await ready.json()).toMatchObject({ status: 'ready', checks: { crypto: 'failed' } });
    expect((await stage.raw()).length).toBe(1);
    expect(await stage.dead()).toEqual([]);
    await transport.redis.del(...leases.slice(1, 2));
    const told = await eventually(
      async () => {
        const texts = (await stage.read()).map(shownIn);
        return texts.length === 2 && texts;
      },
      { withinMs: 20_000 },
    );
    expect(told).toEqual(['A first cherry', 'A second cherry']);
    const raw = await stage.raw();
    expect(raw.map(({ content }) => content['device_id'])).toEqual([
      'VAGENT_CRYPTO_EGRESS_0',
      'VAGENT_CRYPTO_EGRESS_1',
    ]);
    expect(wordsIn(raw, /cherry/i)).toEqual([]);
  });

  it('two replicas, one killed in mid-conversation: everything is readable, nothing comes twice, no index of a ratchet either', async () => {
    await using stage = await openEncryptedStage(redisUrl);
    const [one, two] = [stage.egress('egress-1'), stage.egress('egress-2')];
    await stage.hold(one);
    await stage.hold(two);
    const threads = await Promise.all([1, 2, 3, 4].map((n) => stage.alice.say(stage.room, `Question ${n}`)));
    const said: string[] = [];
    const talk = async (round: number): Promise<void> => {
      for (const [index, root] of threads.entries()) {
        const turn = `$turn-${round}-${index}`;
        const session = stage.session(root);
        said.push(`quince ${round}-${index}`);
        await stage.publish(
          'reply.drafted',
          turn,
          { reply: turn, text: 'quince', replyTo: null, revision: 0 },
          session,
        );
        await finish(stage, turn, `quince ${round}-${index}`, session);
      }
    };
    await talk(0);
    await eventually(async () => (await stage.raw()).length >= threads.length);
    await talk(1);
    await one.kill('SIGKILL');
    await talk(2);
    await one.start();
    await talk(3);
    await eventually(stage.isIdle, { withinMs: 30_000 });

    const raw = await stage.raw();
    const read = await eventually(async () => {
      const events = await stage.read();
      return events.every(({ type }) => type === 'm.room.message') && events;
    });
    const last = new Map<string, string>();
    for (const event of read) last.set(String(replacedBy(event) ?? event.event_id), shownIn(event));
    expect([...last.values()].sort()).toEqual([...said].sort());
    expect(wordsIn(raw, /quince/i)).toEqual([]);
    const ratchets = raw.map(ratchetOf);
    expect(new Set(ratchets).size).toBe(ratchets.length);
    expect(ratchets.some((one) => !one.endsWith(':0'))).toBe(true);
    expect(new Set(raw.map(({ content }) => content['device_id'])).size).toBeGreaterThan(1);
    expect(await stage.dead()).toEqual([]);
  });
});
