import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { approvalCodeOf, approvalIdOf } from '#contract/approval';
import { partitionOf } from '#contract/partition-of';
import { EncryptedUser } from '../support/encrypted-user.ts';
import { eventually } from '../support/eventually.ts';
import { type EncryptedStage, startEncryptedStage } from './ingress-encrypted-stage.ts';

const redisUrl = inject('redisUrl');
let stage: EncryptedStage;
/** A reviewer whose session is verified. */
let bob: EncryptedUser;
/** Another device of the bot, which posts prompts as egress does. */
let egress: EncryptedUser;
let count = 0;

async function begin(env: Record<string, string> = {}): Promise<void> {
  const reviewers = { REVIEWERS: '@alice:localhost,@bob:localhost' };
  stage = await startEncryptedStage(redisUrl, { KEY_WAIT_SECONDS: '1', ...reviewers, ...env });
  const { world, alice } = stage;
  const path = `/v3/rooms/${encodeURIComponent(world.adminRoom)}/state/m.room.encryption/`;
  await alice.request('PUT', path, { body: { algorithm: 'm.megolm.v1.aes-sha2' } });
  const ingress = await world.ingress();
  await ingress.ready();
  await stage.deviceIsUp();
  egress = await EncryptedUser.open(world.bot);
  bob = await EncryptedUser.open(world.bob, { isSigned: true });
  await bob.join(world.adminRoom);
}

async function end(): Promise<void> {
  egress.device.close();
  bob.device.close();
  await stage[Symbol.asyncDispose]();
}

interface Asked {
  readonly approval: string;
  readonly session: string;
  readonly prompt: string;
}

/** A prompt, encrypted as egress posts it, or forged in clear text. */
async function ask({ isClear = false } = {}): Promise<Asked> {
  count += 1;
  const { world, alice } = stage;
  const session = `!room${count}:localhost:main:${alice.userId}`;
  const approval = approvalIdOf(session, `turn-${count}`, 'interrupt');
  const vagent = { kind: 'approval', session, turn: `turn-${count}`, entry: '1-0', approval };
  const content = { msgtype: 'm.notice', body: 'May I?', 'dev.vagent': vagent };
  const prompt = isClear
    ? await egress.sendClear(world.adminRoom, content)
    : await egress.send(world.adminRoom, content);
  return { approval, session, prompt };
}

async function decisionOn({ approval }: Asked) {
  return eventually(
    async () =>
      (await stage.world.entriesOf('approval.decided')).find(({ body }) => body.approval === approval),
    { what: `a decision on ${approval}` },
  );
}

/** The code under which the approval waits. */
async function codeOf({ approval, session }: Asked): Promise<string> {
  const { redis, keys } = stage.world;
  const code = approvalCodeOf(approval);
  const partition = partitionOf(session, 4);
  await redis.hset(keys.openApprovals(partition), code, approval);
  await redis.hset(keys.approval(partition, approval), 'record', JSON.stringify({ session }));
  return code;
}

/** The bot's answer to an event. */
const answerTo = (eventId: string) =>
  stage.alice.waitFor(
    stage.world.adminRoom,
    ({ sender, content }) =>
      sender === stage.world.bot.userId && JSON.stringify(content['m.relates_to'] ?? {}).includes(eventId),
  );

describe('an encrypted admin room', () => {
  beforeAll(() => begin());
  afterAll(end);

  it('takes a decision by an encrypted reply', async () => {
    const asked = await ask();
    await stage.alice.reply(stage.world.adminRoom, asked.prompt, 'reject because it is mine');
    const decision = await decisionOn(asked);
    expect(decision).toMatchObject({
      session: asked.session,
      body: { decision: 'reject', text: 'it is mine', via: 'reply', by: stage.alice.userId },
    });
  });

  it('takes a decision by an encrypted command', async () => {
    const asked = await ask();
    await stage.alice.say(stage.world.adminRoom, `!vagent approve ${await codeOf(asked)}`);
    expect((await decisionOn(asked)).body).toMatchObject({ decision: 'approve', via: 'command' });
  });

  it('T4: passes on a reaction, which is clear text, as a reaction: the worker refuses it for risk high', async () => {
    const asked = await ask();
    await stage.alice.react(stage.world.adminRoom, asked.prompt, '✅');
    expect((await decisionOn(asked)).body).toMatchObject({ decision: 'approve', via: 'reaction' });
  });

  it('T24: takes no prompt in clear text for one of its own, and no decision in clear text', async () => {
    const { world, alice } = stage;
    const forged = await ask({ isClear: true });
    await alice.reply(world.adminRoom, forged.prompt, 'approve');
    await alice.react(world.adminRoom, forged.prompt, '✅');
    const asked = await ask();
    const relation = { 'm.in_reply_to': { event_id: asked.prompt } };
    const approve = { msgtype: 'm.text', body: 'approve', 'm.mentions': {}, 'm.relates_to': relation };
    await alice.sendClear(world.adminRoom, approve);
    await alice.reply(world.adminRoom, asked.prompt, 'reject');
    expect((await decisionOn(asked)).body.decision).toBe('reject');
    const decided = (await world.entriesOf('approval.decided')).map(({ body }) => body.approval);
    expect(decided).not.toContain(forged.approval);
    expect(decided.filter((approval) => approval === asked.approval)).toHaveLength(1);
  });

  it('knows a prompt whose key it never had by what egress has noted', async () => {
    const { world, alice } = stage;
    egress.holdKeys(world.bot.userId);
    await egress.newSession(world.adminRoom);
    const asked = await ask();
    egress.dropKeys();
    await egress.releaseKeys();
    await egress.newSession(world.adminRoom);
    const { session, approval } = asked;
    const note = {
      session,
      turn: 't',
      kind: 'approval',
      reply: null,
      approval,
      at: new Date().toISOString(),
    };
    await world.redis.set(world.keys.posted(asked.prompt), JSON.stringify(note));
    await alice.reply(world.adminRoom, asked.prompt, 'approve');
    expect((await decisionOn(asked)).body).toMatchObject({ decision: 'approve', via: 'reply' });
  });

  it('answers what it does not understand, encrypted', async () => {
    const said = await stage.alice.say(stage.world.adminRoom, '!vagent aprove X');
    const answer = await answerTo(said);
    expect(answer).toMatchObject({ isEncrypted: true, type: 'm.room.message' });
    expect(String(answer.content['body'])).toContain('Not understood');
  });

  it('F64: tells a reviewer whose message cannot be decrypted that nothing was decided', async () => {
    const { world, alice } = stage;
    const asked = await ask();
    alice.holdKeys(world.bot.userId);
    await alice.newSession(world.adminRoom);
    const said = await alice.reply(world.adminRoom, asked.prompt, 'approve');
    const answer = await answerTo(said);
    alice.dropKeys();
    await alice.releaseKeys();
    await alice.newSession(world.adminRoom);
    expect(String(answer.content['body'])).toContain('nothing was decided');
    expect(answer.isEncrypted).toBe(true);
  });
});

describe('an encrypted admin room where decisions have to be signed', () => {
  beforeAll(() => begin({ ADMIN_DECISIONS: 'signed' }));
  afterAll(end);

  it('T24: counts a command with the code from a device that its owner has signed', async () => {
    const asked = await ask();
    await bob.say(stage.world.adminRoom, `!vagent approve ${await codeOf(asked)}`);
    expect((await decisionOn(asked)).body).toMatchObject({ decision: 'approve', by: bob.userId });
  });

  it('T24: counts nothing that whoever runs the homeserver could have made, and says so', async () => {
    const { world, alice } = stage;
    const asked = await ask();
    const byReply = await bob.reply(world.adminRoom, asked.prompt, 'approve');
    const byReaction = await bob.react(world.adminRoom, asked.prompt, '✅');
    const byOtherDevice = await alice.say(world.adminRoom, `!vagent approve ${await codeOf(asked)}`);
    for (const refused of [byReply, byReaction, byOtherDevice]) {
      const answer = await answerTo(refused);
      expect(String(answer.content['body'])).toContain('Nothing was decided');
      expect(answer.isEncrypted).toBe(true);
    }
    const decided = (await world.entriesOf('approval.decided')).map(({ body }) => body.approval);
    expect(decided).not.toContain(asked.approval);
  });
});
