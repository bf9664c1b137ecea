import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { approvalCodeOf, approvalIdOf } from '#contract/approval';
import { partitionOf } from '#contract/partition-of';
import { eventually } from '../support/eventually.ts';
import { IngressWorld } from './ingress-world.ts';

const redisUrl = inject('redisUrl');
let world: IngressWorld;
let count = 0;

beforeAll(async () => {
  world = await IngressWorld.start(redisUrl);
  await world.bob.join(world.adminRoom);
  const ingress = await world.ingress();
  await ingress.ready();
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

interface Asked {
  readonly approval: string;
  readonly session: string;
  readonly prompt: string;
}

/** A prompt as egress posts it. */
async function ask(kind = 'approval', room = world.adminRoom, sender = world.bot): Promise<Asked> {
  count += 1;
  const session = `!room${count}:localhost:main:${world.alice.userId}`;
  const approval = approvalIdOf(session, `turn-${count}`, 'interrupt');
  const prompt = await sender.send(room, {
    msgtype: 'm.notice',
    body: 'May I?',
    'dev.vagent': { kind, session, turn: `turn-${count}`, entry: '1-0', approval },
  });
  return { approval, session, prompt };
}

/** The decisions that come of what `act` does, by a last one that surely counts. */
async function decisionsOf(act: () => Promise<unknown>) {
  const known = new Set((await world.entries()).map(({ id }) => id));
  await act();
  const last = await ask();
  const end = await world.alice.reply(world.adminRoom, last.prompt, 'end');
  await eventually(async () => (await world.entries()).some(({ id }) => id === end), {
    what: 'the last decision is published',
  });
  return (await world.entries()).filter(({ id }) => !known.has(id) && id !== end);
}

const answer = (text: string) => async (asked: Asked) =>
  world.alice.reply(world.adminRoom, asked.prompt, text);
const react = (key: string) => async (asked: Asked) => world.alice.react(world.adminRoom, asked.prompt, key);

describe('a decision in the admin room', () => {
  it.each([
    { name: '✅', act: react('✅'), body: { decision: 'approve', via: 'reaction', text: null, edit: null } },
    { name: '✅ as emoji', act: react('\u2705\uFE0F'), body: { decision: 'approve', via: 'reaction' } },
    { name: '❌', act: react('❌'), body: { decision: 'reject', via: 'reaction', text: null } },
    { name: 'approve', act: answer('approve'), body: { decision: 'approve', via: 'reply' } },
    { name: 'accept', act: answer(' Accept '), body: { decision: 'approve' } },
    { name: 'approve? no', act: answer('approve? no'), body: { decision: 'respond', text: 'approve? no' } },
    {
      name: 'reject because',
      act: answer('reject because it is mine'),
      body: { decision: 'reject', text: 'it is mine' },
    },
    {
      name: 'edit with types kept',
      act: answer('edit {"n": 1, "s": "1", "b": true}'),
      body: { decision: 'edit', edit: { n: 1, s: '1', b: true } },
    },
    {
      name: 'edit with text',
      act: answer('edit only the old ones'),
      body: { decision: 'edit', edit: 'only the old ones' },
    },
    { name: 'talk', act: answer('who asks?'), body: { decision: 'respond', text: 'who asks?' } },
    {
      name: 'an answer below a quote',
      act: answer('> <@vagent:localhost> May I?\n\napprove'),
      body: { decision: 'approve' },
    },
    {
      name: 'an answer in the thread',
      act: (asked: Asked) => world.alice.say(world.adminRoom, 'approve', { thread: asked.prompt }),
      body: { decision: 'approve', via: 'reply' },
    },
  ])('reads $name', async ({ act, body }) => {
    const asked = await ask();
    const [entry, ...others] = await decisionsOf(() => act(asked));
    expect(others).toEqual([]);
    expect(entry).toMatchObject({
      type: 'approval.decided',
      session: asked.session,
      body: {
        approval: asked.approval,
        by: world.alice.userId,
        room: world.adminRoom,
        eventId: entry?.id,
        ...body,
      },
    });
  });

  it('tells the power level of who decides, above all for creators of newer rooms', async () => {
    const asked = await ask();
    const entries = await decisionsOf(async () => {
      await world.alice.react(world.adminRoom, asked.prompt, '✅');
      await world.bob.react(world.adminRoom, asked.prompt, '❌');
    });
    const levels = Object.fromEntries(
      entries.map(({ body }) => ('powerLevel' in body ? [body.by, body.powerLevel] : [])),
    );
    expect(levels).toEqual({ [world.alice.userId]: Number.MAX_SAFE_INTEGER, [world.bob.userId]: 0 });
  });

  it('answers a reminder as it answers the prompt', async () => {
    const asked = await ask('reminder');
    const [entry] = await decisionsOf(() => react('✅')(asked));
    expect(entry).toMatchObject({ session: asked.session, body: { approval: asked.approval } });
  });

  it('still finds its approval when the prompt was edited', async () => {
    const asked = await ask();
    const [entry] = await decisionsOf(async () => {
      await world.bot.edit(world.adminRoom, asked.prompt, 'Decided.');
      await react('✅')(asked);
    });
    expect(entry).toMatchObject({ body: { approval: asked.approval } });
  });

  it('may be made where the prompt was escalated to', async () => {
    const room = await world.room([world.bob]);
    const asked = await ask('approval', room);
    const [entry] = await decisionsOf(() => world.bob.reply(room, asked.prompt, 'approve'));
    expect(entry).toMatchObject({ type: 'approval.decided', body: { room, by: world.bob.userId } });
  });
});

describe('no decision', () => {
  it.each([
    { name: 'another reaction', act: react('👍') },
    {
      name: 'a notice',
      act: ({ prompt }: Asked) =>
        world.alice.send(world.adminRoom, {
          msgtype: 'm.notice',
          body: 'approve',
          'm.relates_to': { 'm.in_reply_to': { event_id: prompt } },
        }),
    },
    { name: 'talk that answers nothing', act: () => world.alice.say(world.adminRoom, 'approve') },
    {
      name: 'the bot’s own reaction',
      act: ({ prompt }: Asked) => world.bot.react(world.adminRoom, prompt, '✅'),
    },
    {
      name: 'a reply from another room',
      act: async ({ prompt }: Asked) => {
        const room = await world.room([world.bob]);
        await world.alice.reply(room, prompt, 'approve');
      },
    },
  ])('comes of $name', async ({ act }) => {
    const asked = await ask();
    expect(await decisionsOf(() => act(asked))).toEqual([]);
  });

  it.each(['outcome', 'reply', 'status'])('comes of an answer to a %s', async (kind) => {
    const asked = await ask(kind);
    expect(await decisionsOf(() => answer('approve')(asked))).toEqual([]);
  });

  it('comes of an answer to a prompt that somebody else faked', async () => {
    const asked = await ask('approval', world.adminRoom, world.bob);
    expect(await decisionsOf(() => answer('approve')(asked))).toEqual([]);
  });

  it('comes of editing or redacting one', async () => {
    const asked = await ask();
    const entries = await decisionsOf(async () => {
      const decision = await answer('reject')(asked);
      await world.alice.edit(world.adminRoom, decision, 'approve');
      await world.alice.redact(world.adminRoom, decision);
    });
    expect(entries).toMatchObject([{ body: { decision: 'reject' } }]);
  });
});

describe('a command in the admin room', () => {
  async function waiting(): Promise<Asked & { code: string }> {
    const asked = await ask();
    const partition = partitionOf(asked.session, 4);
    const code = approvalCodeOf(asked.approval);
    await world.redis.hset(world.keys.openApprovals(partition), code, asked.approval);
    await world.redis.hset(
      world.keys.approval(partition, asked.approval),
      'record',
      JSON.stringify({ session: asked.session }),
    );
    return { ...asked, code };
  }

  it.each([
    { words: (code: string) => `!vagent approve ${code}`, body: { decision: 'approve', text: null } },
    {
      words: (code: string) => `!vagent reject ${code.toLowerCase()} because no`,
      body: { decision: 'reject', text: 'no' },
    },
    {
      words: (code: string) => `!vagent edit ${code} {"a": [1]}`,
      body: { decision: 'edit', edit: { a: [1] } },
    },
    {
      words: (code: string) => `!vagent respond ${code} ask later`,
      body: { decision: 'respond', text: 'ask later' },
    },
  ])('decides: $body', async ({ words, body }) => {
    const asked = await waiting();
    const [entry] = await decisionsOf(() => world.alice.say(world.adminRoom, words(asked.code)));
    expect(entry).toMatchObject({
      type: 'approval.decided',
      session: asked.session,
      body: { approval: asked.approval, via: 'command', ...body },
    });
  });

  it('that comes late reaches the approval that was decided, for its answer', async () => {
    const { session, approval, code } = await waiting();
    const partition = partitionOf(session, 4);
    await world.redis.hdel(world.keys.openApprovals(partition), code);
    await world.redis.set(world.keys.decidedApproval(partition, code), approval);
    const [entry] = await decisionsOf(() => world.alice.say(world.adminRoom, `!vagent approve ${code}`));
    expect(entry).toMatchObject({ session, body: { approval, via: 'command', decision: 'approve' } });
  });

  it('about a record that cannot be read is a dead letter, and stops nothing behind it', async () => {
    const { session, approval, code } = await waiting();
    const partition = partitionOf(session, 4);
    await world.redis.hset(world.keys.approval(partition, approval), 'record', 'not JSON');
    expect(await decisionsOf(() => world.alice.say(world.adminRoom, `!vagent approve ${code}`))).toEqual([]);
    const dead = world.keys.stream(partitionOf(world.adminRoom, 4), 'dead');
    const letters = await world.redis.xrange(dead, '-', '+');
    expect(letters.flat(2).join(' ')).toMatch(new RegExp(`${approval} cannot be read.*PAYLOAD_KEY`));
  });

  it.each([
    { words: '!vagent approve 000000', told: 'No approval waits under the code 000000' },
    { words: '!vagent approve', told: 'Not understood' },
    { words: '!vagent approve 000000 or not', told: 'Not understood' },
    { words: '!vagent edit 000000 {"a":', told: 'Not understood' },
  ])('is answered where it cannot be followed: $words', async ({ words, told }) => {
    let command = '';
    const entries = await decisionsOf(async () => {
      command = await world.alice.say(world.adminRoom, words);
    });
    expect(entries).toEqual([]);
    const notice = await world.alice.waitFor(world.adminRoom, ({ content }) =>
      JSON.stringify(content['m.relates_to'] ?? '').includes(command),
    );
    expect(notice.content['body']).toContain(told);
    expect(notice.sender).toBe(world.bot.userId);
  });
});
