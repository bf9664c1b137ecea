import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { approvalIdOf } from '#contract/approval';
import { formatSessionId } from '#contract/session-id';
import { eventually } from '../support/eventually.ts';
import { openPrivacyStage, type PrivacyStage } from './privacy-stage.ts';

const redisUrl = inject('redisUrl');
const payloadKey = Buffer.alloc(32, 5).toString('base64');

const restored = {
  email: 'canary.bird@mail.example.org',
  phone: '+49 30 98765432',
  iban: 'DE89 3704 0044 0532 0130 00',
  ip: '203.0.113.77',
};
const lasting = { card: '4111 1111 1111 1111', api_key: 'fbt_CaNaRy0123456789' };
const canaries = Object.values({ ...restored, ...lasting });
const text = `Mail ${restored.email}, call ${restored.phone}, pay ${restored.iban}, from ${restored.ip}; card ${lasting.card}, key ${lasting.api_key}.`;

/** What the bot's messages of a room show, in body and HTML. */
async function said(stage: PrivacyStage, room: string): Promise<string[]> {
  const user = room === stage.adminRoom ? stage.rita : stage.alice;
  const events = await user.timeline(room);
  return events
    .filter(({ type, sender }) => type === 'm.room.message' && sender === stage.bot.userId)
    .map(({ content }) => `${String(content['body'])}\n${String(content['formatted_body'])}`);
}

const saidIn = (stage: PrivacyStage, room: string): Promise<string[]> =>
  eventually(async () => {
    const texts = await said(stage, room);
    return texts.length > 0 && texts;
  });

function expectNone(where: string, values: readonly string[]): void {
  for (const value of values) expect(where).not.toContain(value);
}

/** A playbook of which only the policy is of interest. */
async function withPolicy(policies: string, work: (dir: string) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'vagent-privacy-'));
  try {
    await writeFile(join(dir, 'policies.yaml'), policies);
    await work(dir);
  } finally {
    await rm(dir, { recursive: true });
  }
}

describe('personal data on its way through the system', () => {
  it('stands in clear nowhere but in the rooms of the person', async () => {
    await using stage = await openPrivacyStage(redisUrl, { payloadKey });
    const question = await stage.alice.say(stage.room, text);
    const [reply = ''] = await saidIn(stage, stage.room);
    for (const value of Object.values(restored)) expect(reply.split(value)).toHaveLength(3);
    expectNone(reply, Object.values(lasting));
    expect(reply).toMatch(/\[CARD …1111\].*\[API_KEY-[0-9a-f]{16}\]/);
    const [notice = ''] = await saidIn(stage, stage.adminRoom);
    expectNone(notice, canaries);
    expect(notice).toMatch(/Mail \[EMAIL-[0-9A-Z]{8}\], call \[PHONE-/);

    await stage.alice.edit(stage.room, question, `Rather ${restored.email} and ${lasting.card}`);
    await eventually(() => stage.read.some(({ type }) => type === 'message.edited'));
    expectNone(JSON.stringify(stage.read), canaries);
    expectNone(JSON.stringify(await stage.inbound()), canaries);
    expectNone(await stage.everything(), canaries);
    expectNone(stage.logs.join('\n'), canaries);
  });

  it('is taken out for good where nothing can be sealed', async () => {
    await using stage = await openPrivacyStage(redisUrl);
    await stage.alice.say(stage.room, text);
    const [reply = ''] = await saidIn(stage, stage.room);
    expect(reply).toContain('Mail [EMAIL], call [PHONE], pay [IBAN], from [IP]; card [CARD …1111]');
    expectNone(await stage.everything(), canaries);
    expectNone(stage.logs.join('\n'), canaries);
    expect(stage.logs.filter((line) => line.includes('PAYLOAD_KEY is not set'))).toHaveLength(1);
  });

  it('comes out of the names of attachments and out of events that nobody can read', async () => {
    await using stage = await openPrivacyStage(redisUrl);
    const file = { msgtype: 'm.file', body: `${lasting.api_key}.txt`, url: 'mxc://localhost/abc' };
    await stage.alice.send(stage.room, file);
    await eventually(() => stage.read.length === 1);
    await stage.alice.send(stage.room, { msgtype: 'm.file', body: text });
    const all = await eventually(async () => {
      const found = await stage.everything();
      return found.includes(':dead') && found;
    });
    expectNone(all, canaries);
    expect(all).toMatch(/Mail \[EMAIL\]/);
  });

  it('stays out of what reviewers write, and comes back for the person alone', async () => {
    await using stage = await openPrivacyStage(redisUrl, { payloadKey });
    const session = formatSessionId({ room: stage.room, thread: null, user: stage.alice.userId });
    const approval = approvalIdOf(session, 'turn', 'interrupt');
    const vagent = { kind: 'approval', session, turn: 'turn', entry: '1-0', approval };
    const prompt = await stage.bot.send(stage.adminRoom, {
      msgtype: 'm.notice',
      body: 'May I?',
      'dev.vagent': vagent,
    });
    await stage.rita.reply(stage.adminRoom, prompt, `respond write to ${restored.email}`);
    const edit = { text: `Pay to ${restored.iban}`, lines: [restored.ip, 7, null] };
    await stage.rita.reply(stage.adminRoom, prompt, `edit ${JSON.stringify(edit)}`);
    const entries = await eventually(async () => {
      const found = await stage.inbound();
      return found.length === 2 && found;
    });
    const bodies = entries.map(({ body }) => body);
    expect(bodies).toMatchObject([
      { decision: 'respond', text: expect.stringMatching(/^write to \[EMAIL-[0-9A-Z]{8}\]$/) },
      {
        decision: 'edit',
        edit: {
          text: expect.stringMatching(/^Pay to \[IBAN-[0-9A-Z]{8}\]$/),
          lines: [expect.stringMatching(/^\[IP-/), 7, null],
        },
      },
    ]);
    expectNone(await stage.everything(), canaries);

    const [first] = bodies;
    const answer = first !== undefined && 'text' in first ? String(first.text) : '';
    const at = new Date().toISOString();
    const body = { reply: 'turn', text: answer, replyTo: null, revision: 1 };
    const reply = { type: 'reply.finished', id: 'turn#reply', session, turn: 'turn', at, body } as const;
    await stage.transport.publisher.publish('outbound', reply);
    expect((await saidIn(stage, stage.room))[0]).toContain(`write to ${restored.email}`);
  });

  it('keeps nothing of a message with what the playbook blocks, and says so', async () => {
    await withPolicy('privacy: { card: block, api_key: block }\n', async (playbookDir) => {
      await using stage = await openPrivacyStage(redisUrl, { payloadKey, playbookDir });
      const question = await stage.alice.say(stage.room, text);
      const refusal = await stage.alice.waitFor(
        stage.room,
        ({ type, sender }) => type === 'm.room.message' && sender === stage.bot.userId,
      );
      expect(refusal.content).toMatchObject({
        msgtype: 'm.notice',
        body: expect.stringMatching(/was not taken.*a card number and a password or key.*again without/),
        'm.relates_to': { 'm.in_reply_to': { event_id: question } },
      });
      expect(await stage.inbound()).toEqual([]);
      await stage.alice.say(stage.room, 'Without it, then');
      await eventually(() => stage.read.length === 1);
      expectNone(await stage.everything(), canaries);
    });
  });

  it('is let in by no ingress whose policy cannot be read', async () => {
    await withPolicy('privacy: { email: tokenize }\n', async (playbookDir) => {
      await expect(openPrivacyStage(redisUrl, { playbookDir })).rejects.toThrow(
        /policies\.yaml:1:12 "privacy\.email"/,
      );
    });
  });
});
