import { describe, expect, inject, it } from 'vitest';
import { partitionOf } from '#contract/partition-of';
import { decryptMedia } from '#crypto/media/decrypt-media';
import { createVault } from '#privacy/vault';
import type { Homeserver } from '../../services/homeserver/homeserver.ts';
import { eventually } from '../support/eventually.ts';
import type { MatrixEvent } from '../support/matrix-user.ts';
import { openEncryptedStage } from './egress-encrypted-stage.ts';
import { openStage, type Stage } from './egress-stage.ts';

const redisUrl = inject('redisUrl');

const sections = Array.from({ length: 60 }, (_, n) =>
  [
    `## Chapter ${n}`,
    '',
    `Words of chapter ${n}. `.repeat(80),
    '',
    '| a | b |',
    '|---|---|',
    `| ${n} | x |`,
  ].join('\n'),
);
/** Of about 100 KB. */
const longAnswer = ['# Everything', '', ...sections].join('\n\n');

async function reply(stage: Stage, turn: string, text: string): Promise<void> {
  const body = { reply: turn, text, replyTo: turn, revision: 9 };
  await stage.publish('reply.finished', turn, body, `${turn}#reply`);
}

const uploads = (homeserver: Homeserver): number =>
  homeserver.requests().filter(({ path }) => path.includes('/media/v3/upload')).length;

function field(event: MatrixEvent | undefined, name: string): string {
  return String(event?.content[name]);
}

async function download(stage: Pick<Stage, 'homeserver'> & { token: string }, url: string): Promise<Buffer> {
  const place = url.replace('mxc://', '');
  const answer = await fetch(`${stage.homeserver.url}/_matrix/client/v1/media/download/${place}`, {
    headers: { authorization: `Bearer ${stage.token}` },
  });
  return Buffer.from(await answer.arrayBuffer());
}

async function sentBy(stage: Stage, count: number): Promise<MatrixEvent[]> {
  return eventually(
    async () => {
      const sent = await stage.sent();
      return sent.length >= count && sent;
    },
    { withinMs: 20_000 },
  );
}

describe('an answer', () => {
  it('of a few messages is posted in parts that each render by themselves', async () => {
    await using stage = await openStage(redisUrl);
    await stage.startEgress();
    const question = await stage.ask();
    const code = Array.from({ length: 1_200 }, (_, n) => `const value${n} = ${n};`).join('\n');
    await reply(stage, question, `Look:\n\n\`\`\`ts\n${code}\n\`\`\`\n\nThat is all.`);
    const sent = await sentBy(stage, 2);
    expect(sent.length).toBeLessThanOrEqual(4);
    for (const event of sent) {
      expect(field(event, 'msgtype')).toBe('m.text');
      expect(field(event, 'formatted_body')).toContain('<pre><code class="language-ts">');
      expect(field(event, 'body').match(/```/g)).toHaveLength(2);
    }
    expect(uploads(stage.homeserver)).toBe(0);
  });

  it('beyond four messages is its beginning, with what follows, and a file with all of it', async () => {
    await using stage = await openStage(redisUrl);
    await stage.startEgress();
    const question = await stage.ask();
    await reply(stage, question, longAnswer);
    const [first, file] = await sentBy(stage, 2);
    expect(field(first, 'body')).toMatch(/^# Everything/);
    expect(field(first, 'body')).toContain('Chapter 9');
    expect(field(first, 'body')).toContain('all of it is in the file below');
    expect(field(first, 'body').length).toBeLessThan(4_000);
    expect(first?.content['m.mentions']).toEqual({ user_ids: [stage.alice.userId] });
    expect(file?.content).toMatchObject({
      msgtype: 'm.file',
      body: 'answer.md',
      filename: 'answer.md',
      info: { mimetype: 'text/markdown', size: Buffer.byteLength(longAnswer) },
      'm.mentions': {},
      'm.relates_to': { 'm.in_reply_to': { event_id: question } },
      'dev.vagent': { kind: 'reply', turn: question, part: 1 },
    });
    const access = { homeserver: stage.homeserver, token: stage.alice.accessToken };
    expect((await download(access, field(file, 'url'))).toString()).toBe(longAnswer);
    expect(await stage.sent()).toHaveLength(2);
  });

  it('has the personal data of its session in the file, too', async () => {
    await using stage = await openStage(redisUrl);
    const vault = createVault(stage.transport);
    await vault.save(stage.session, [{ placeholder: '[EMAIL-7F3K2Q9D]', value: 'ana@example.org' }]);
    await stage.startEgress();
    const question = await stage.ask();
    await reply(stage, question, `${longAnswer}\n\nWrite to [EMAIL-7F3K2Q9D].`);
    const [, file] = await sentBy(stage, 2);
    const access = { homeserver: stage.homeserver, token: stage.alice.accessToken };
    expect((await download(access, field(file, 'url'))).toString()).toMatch(/Write to ana@example\.org\.$/);
  });

  it('is uploaded once, however often posting it fails, and shows drafts as its beginning', async () => {
    await using stage = await openStage(redisUrl);
    await stage.startEgress();
    const question = await stage.ask();
    const draft = { reply: question, text: '# Everything', replyTo: question, revision: 0 };
    await stage.publish('reply.drafted', question, draft, `${question}#draft`);
    await sentBy(stage, 1);
    await stage.homeserver.script({ action: 'fail-before', path: '/send/', times: 2, status: 502 });
    await reply(stage, question, longAnswer);
    const sent = await sentBy(stage, 3);
    expect(sent.map((event) => field(event, 'msgtype'))).toEqual(['m.text', 'm.text', 'm.file']);
    expect(sent[1]?.content['m.relates_to']).toMatchObject({
      rel_type: 'm.replace',
      event_id: sent[0]?.event_id,
    });
    expect(uploads(stage.homeserver)).toBe(1);
  });

  it('waits for a homeserver that takes no file now, and comes in parts where it never will', async () => {
    await using stage = await openStage(redisUrl);
    await stage.startEgress();
    const [first, second] = [await stage.ask('one'), await stage.ask('two')];
    await stage.homeserver.script({ action: 'rate-limit', path: '/upload', bodyMs: 300 });
    await reply(stage, first, longAnswer);
    expect(await sentBy(stage, 2)).toHaveLength(2);
    expect(uploads(stage.homeserver)).toBe(2);

    await stage.homeserver.script({ action: 'fail-before', path: '/upload', status: 413 });
    await reply(stage, second, longAnswer);
    const parts = await eventually(
      async () => {
        const bodies = (await stage.sent()).slice(2).map((event) => field(event, 'body'));
        return bodies.some((body) => body.includes('## Chapter 59\n')) && bodies;
      },
      { withinMs: 20_000 },
    );
    expect(parts.length).toBeGreaterThan(4);
    const found = sections.map((_, n) => parts.some((part) => part.includes(`## Chapter ${n}\n`)));
    expect(found).not.toContain(false);
    const types = (await stage.sent()).slice(2).map((event) => field(event, 'msgtype'));
    expect(new Set(types)).toEqual(new Set(['m.text']));
  });
});

describe('an answer in an encrypted room', () => {
  it('is an encrypted file, uploaded once though egress dies behind the upload', async () => {
    await using stage = await openEncryptedStage(redisUrl);
    const egress = stage.egress();
    await stage.hold(egress, { FAILPOINT: 'egress.after-upload:kill' });
    const question = '$question';
    await stage.publish('reply.finished', question, {
      reply: question,
      text: longAnswer,
      replyTo: null,
      revision: 1,
    });
    expect(await egress.ended()).toMatchObject({ signal: 'SIGKILL' });
    const { redis, keys } = stage.transport;
    await redis.hset(keys.cryptoLease(stage.bot.userId, 'VAGENT_CRYPTO_EGRESS_0'), 'until', 0);
    await stage.hold(egress);
    const events = await eventually(
      async () => {
        const read = await stage.read();
        return read.length >= 2 && read;
      },
      { withinMs: 30_000 },
    );
    const file = events.find((event) => field(event, 'msgtype') === 'm.file');
    expect(file?.content).not.toHaveProperty('url');
    const opened = Object(file?.content['file']);
    const access = { homeserver: stage.homeserver, token: stage.alice.accessToken };
    const ciphertext = await download(access, String(opened.url));
    expect(ciphertext.toString('latin1')).not.toContain('Chapter');
    const decrypted = decryptMedia(ciphertext, opened);
    expect(decrypted.ok && decrypted.bytes.toString()).toBe(longAnswer);
    expect(uploads(stage.homeserver)).toBe(1);
    expect(JSON.stringify(await stage.raw())).not.toMatch(/Chapter|mxc:/);
    const record = keys.reply(partitionOf(stage.session(), 2), question);
    await eventually(async () => (await redis.hget(record, 'parts')) === file?.event_id);
    // What opens the file is in the room alone.
    expect(await redis.hget(record, 'file')).toBeNull();
  });
});
