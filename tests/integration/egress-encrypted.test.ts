import { describe, expect, inject, it } from 'vitest';
import type { Body } from '#contract/bodies';
import { encodeEntry } from '#contract/entry';
import { txnIdOf } from '#matrix/send-txn-id';
import { eventually } from '../support/eventually.ts';
import type { MatrixEvent } from '../support/matrix-user.ts';
import { sampleApproval } from '../support/sample-approval.ts';
import { openEncryptedStage, partitionOfSession, shownIn } from './egress-encrypted-stage.ts';
import { kindOf, replacedBy } from './egress-stage.ts';

const redisUrl = inject('redisUrl');

const reply = (id: string, text: string, revision = 0) => ({ reply: id, text, replyTo: null, revision });
const typesOf = (events: readonly MatrixEvent[]): string[] => [...new Set(events.map(({ type }) => type))];

describe('egress in encrypted rooms', () => {
  it('posts drafts, their edits and the reply so that the asker reads them, and the homeserver no word', async () => {
    await using stage = await openEncryptedStage(redisUrl);
    const egress = stage.egress();
    await stage.hold(egress);
    const question = await stage.alice.say(stage.room, 'a question');
    await stage.publish('reply.drafted', question, reply(question, 'Half an apricot'));
    await eventually(async () => (await stage.read()).some((event) => shownIn(event) === 'Half an apricot'));
    await stage.publish('reply.finished', question, reply(question, 'The whole **apricot**', 1));
    const final = await eventually(async () =>
      (await stage.read()).find((event) => shownIn(event) === 'The whole **apricot**'),
    );
    const [first] = await stage.raw();
    expect(replacedBy(final)).toBe(first?.event_id);
    expect(kindOf(final)).toBe('reply');
    const raw = await stage.raw();
    expect(typesOf(raw)).toEqual(['m.room.encrypted']);
    expect(JSON.stringify(raw)).not.toMatch(/apricot|dev\.vagent"/i);
    expect(raw.map(({ content }) => content['dev.vagent.send'])).toEqual(
      raw.map(() => expect.stringMatching(/^[\w-]{43}$/)),
    );
    expect(await egress.metric('vagent_egress_encrypted_events_total')).toBe(raw.length);
    expect(await egress.metric('vagent_egress_encrypt_seconds_count')).toBe(raw.length);
    expect(await stage.dead()).toEqual([]);
  });

  it('keeps to the thread, whose relation is readable outside, with statuses and failures', async () => {
    await using stage = await openEncryptedStage(redisUrl);
    await stage.hold(stage.egress());
    const root = await stage.alice.say(stage.room, 'a question');
    const session = stage.session(root);
    const waiting = { state: 'waiting', replyTo: null, text: 'A plum waits', approval: null } as const;
    await stage.publish('turn.status', '$one', waiting, session);
    await stage.publish(
      'turn.failed',
      '$two',
      { replyTo: null, reason: 'x', text: 'The plum failed' },
      session,
    );
    const read = await eventually(async () => {
      const events = await stage.read();
      return events.length === 2 && events.every(({ type }) => type === 'm.room.message') && events;
    });
    expect(read.map(shownIn)).toEqual(['A plum waits', 'The plum failed']);
    const raw = await stage.raw();
    const relations = raw.map(({ content }) => content['m.relates_to']);
    expect(relations).toEqual(
      relations.map(() => expect.objectContaining({ rel_type: 'm.thread', event_id: root })),
    );
    expect(JSON.stringify(raw)).not.toMatch(/plum (waits|failed)/i);
  });

  it('asks reviewers in an encrypted admin room; only the signs to click on are readable outside', async () => {
    await using stage = await openEncryptedStage(redisUrl);
    await stage.hold(stage.egress());
    const low = sampleApproval({ id: 'L'.repeat(20), session: stage.session() });
    const high = sampleApproval({ id: 'H'.repeat(20), session: stage.session(), risk: 'high' });
    await stage.publish('approval.requested', '$low', { approval: low });
    await stage.publish('approval.requested', '$high', { approval: high });
    const asked = async () =>
      (await stage.rita.timeline(stage.adminRoom)).filter((event) => kindOf(event) === 'approval');
    await eventually(async () => (await asked()).length === 2 && stage.isIdle());
    const [prompt] = await asked();
    expect(prompt?.content['body']).toContain('Apollo');
    const raw = await stage.raw(stage.adminRoom);
    expect(typesOf(raw).sort()).toEqual(['m.reaction', 'm.room.encrypted']);
    const seeds = raw.filter(({ type }) => type === 'm.reaction').map(({ content }) => content);
    expect(seeds).toEqual(
      ['✅', '❌'].map((key) => ({
        'm.relates_to': { rel_type: 'm.annotation', event_id: prompt?.event_id, key },
        'dev.vagent.send': expect.any(String),
      })),
    );
    const outcome = {
      notice: 'outcome',
      status: 'approved',
      by: [],
      text: 'Apollo is gone',
      replyTo: null,
    } satisfies Partial<Body<'approval.resolved'>>;
    await stage.publish('approval.resolved', '$low', { approval: low.id, ...outcome });
    const edit = await eventually(async () =>
      (await stage.rita.timeline(stage.adminRoom)).find((event) => kindOf(event) === 'outcome'),
    );
    expect(replacedBy(edit)).toBe(prompt?.event_id);
    expect(JSON.stringify(await stage.raw(stage.adminRoom))).not.toMatch(/apollo|delete_records/i);
  });

  it('splits the largest reply so that each part fits once it is encrypted, whatever signs it holds', async () => {
    await using stage = await openEncryptedStage(redisUrl);
    await stage.hold(stage.egress());
    for (const [index, sign] of ['pear ', '&<>', '🦊', '"\\'].entries()) {
      const turn = `$turn${index}`;
      await stage.publish('reply.drafted', turn, reply(turn, sign));
      await stage.publish('reply.finished', turn, reply(turn, sign.repeat(48_000 / sign.length), 1));
    }
    await eventually(stage.isIdle, { withinMs: 30_000 });
    expect(await stage.dead()).toEqual([]);
    const read = await stage.read();
    expect(typesOf(read)).toEqual(['m.room.message']);
    const raw = await stage.raw();
    const largest = Math.max(...raw.map((event) => JSON.stringify(event).length));
    expect(largest).toBeGreaterThan(20_000);
    // Signatures, hashes and references of the event come on top.
    expect(largest).toBeLessThan(65_536 - 3_000);
  });

  it('finds by its mark what an earlier attempt has sent, once the homeserver may have forgotten it', async () => {
    await using stage = await openEncryptedStage(redisUrl);
    const old = Date.now() - 21 * 60 * 60_000;
    const { transport, bot, room } = stage;
    const mark = txnIdOf(bot.userId, room, ['reply', '$sent', 0]);
    const sent = await bot.send(
      room,
      { algorithm: 'm.megolm.v1.aes-sha2', ciphertext: 'AwgA', 'dev.vagent.send': mark },
      { type: 'm.room.encrypted' },
    );
    const stream = transport.keys.stream(partitionOfSession(stage.session()), 'outbound');
    for (const [index, turn] of ['$sent', '$unsent'].entries()) {
      const at = new Date(old).toISOString();
      const about = {
        type: 'reply.finished',
        id: `${turn}#reply`,
        session: stage.session(),
        turn,
        at,
      } as const;
      const entry = encodeEntry({ ...about, body: reply(turn, `text of ${turn}`) });
      await transport.redis.xadd(stream, `${old}-${index}`, ...entry);
    }
    await stage.hold(stage.egress());
    await eventually(async () => (await stage.raw()).length === 2 && stage.isIdle());
    const read = await stage.read();
    expect(read[0]?.event_id).toBe(sent);
    expect(read.slice(1).map(shownIn)).toEqual(['text of $unsent']);
  });
});

describe('egress with CRYPTO_STORE_KEY', () => {
  it('does not start with an access token, and says what it needs in its place', async () => {
    await using stage = await openEncryptedStage(redisUrl);
    const egress = stage.egress('egress-1', { MATRIX_ACCESS_TOKEN: stage.bot.accessToken });
    await egress.start();
    expect(await egress.ended()).toEqual({ code: 78, signal: null });
    expect(egress.log).toContain('CRYPTO_STORE_KEY needs a bot that can log in as several devices');
  });
});
