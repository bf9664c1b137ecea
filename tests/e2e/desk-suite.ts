import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { eventually } from '../support/eventually.ts';
import type { StartHomeserver } from '../support/homeserver-under-test.ts';
import { readHistory } from '../support/rooms-checker-streams.ts';
import { everythingIn, openedIn } from '../support/system-redis.ts';
import { useStage } from '../support/system-stage.ts';
import {
  type Answered,
  answerTo,
  everShown,
  exchange,
  noticeUnder,
  outcomeOf,
  promptFor,
  toldAbout,
} from '../support/system-talk.ts';
import { readRoom } from '../support/system-timeline.ts';

/** The long message of the example's own dialogue. */
const enterprise = z
  .object({ turns: z.tuple([z.object({ user: z.string() })], z.unknown()) })
  .parse(
    parse(
      await readFile(
        new URL('../../services/worker/playbook/dialogues/enterprise.dialogue.yaml', import.meta.url),
        'utf8',
      ),
    ),
  ).turns[0].user;

/** Comes sooner, though not before a person has answered, and looks for a state that the demonstration's invoices never get. */
const impatientCheck = {
  'flows/refund.yaml': [
    ['after: 10m', 'after: 8s'],
    ['is: refunded }', 'is: settled }'],
  ],
} as const;

/**
 * The support desk of the example playbook through plain Matrix clients, without any model.
 *
 * @param options `isBrief` leaves out what does not depend on the homeserver.
 */
export function describeDesk(
  name: string,
  startHomeserver: StartHomeserver,
  { isBrief = false }: { readonly isBrief?: boolean } = {},
): void {
  describe(`the desk on ${name}`, () => {
    // In a takeover the bot hears messages that it does not answer, so its memory is more than what it answered.
    const stage = useStage({
      startHomeserver,
      replicas: { worker: 2 },
      partitions: 8,
      checkpoints: false,
      playbook: impatientCheck,
    });

    async function meet(person: string) {
      const { system } = stage();
      const user = await system.user(person);
      const room = await system.direct(user);
      const say = (text: string): Promise<Answered & { readonly message: string }> =>
        exchange(system, user, room, text);
      return { system, user, room, say };
    }

    it('gives money back in several messages, with a question in between, a correction and an approval', async () => {
      const { system, room, say } = await meet('ann');
      expect((await say('I want a refund for invoice INV-1042')).text).toContain('How much');
      const why = await say('why do you need that?');
      expect(why.text).toContain('a colleague has to approve an exact amount');
      expect(why.text).toContain('How much');
      expect((await say('49 EUR')).text).toContain('reason');
      const summary = await say('we cancelled before the period began');
      expect(summary.text).toMatch(/INV-1042 is over 49 EUR.*refund of 49 EUR/s);
      expect((await say('change the amount to 20 EUR')).text).toContain('refund of 20 EUR');
      const asked = await say('yes please');
      expect(asked.kind).toBe('status');
      const prompt = await promptFor(system, asked.message);
      expect(prompt.text).toContain('refund_invoice');
      expect(prompt.text).toContain('{"amount":"20","invoice_id":"INV-1042"');
      const decision = await system.reviewers[0].react(system.adminRoom, prompt.event.event_id, '✅');
      const done = await answerTo(system, room, decision);
      expect(done.text).toMatch(/Approved by .*rita.*20 EUR given back.*ten working days.*problem solved/s);
      expect((await say('yes, solved, thank you')).text).toContain('Good to hear');
    });

    it('answers a long message about many things with one reply, which a reviewer has read', async () => {
      const { system, room, user, say } = await meet('cleo');
      const [rita, ron] = system.reviewers;
      const asked = await say(enterprise);
      expect(asked.kind).toBe('status');
      expect(asked.text).toContain('A colleague reads my answer before you get it');
      const first = await promptFor(system, asked.message);
      expect(first.text).toContain('send_reply');
      const reason = 'say that the permission waits for dana';
      const rejected = await rita.reply(system.adminRoom, first.event.event_id, `reject because ${reason}`);
      const second = await promptFor(system, rejected);
      expect(second.approval).not.toBe(first.approval);
      expect(second.text).toContain('This is the third time I write');
      expect((await outcomeOf(system, first)).text).toMatch(/Rejected by .*rita/);
      expect((await answerTo(system, room, rejected)).text).not.toMatch(/acme|dana|15 minutes/);
      const words =
        'Your CI limit is used up, dana can sign in after 15 minutes of rest, and the permission waits.';
      const edited = await ron.reply(system.adminRoom, second.event.event_id, `edit ${words}`);
      const reply = await answerTo(system, room, edited);
      expect(reply.text).toContain(words);
      expect(reply.text).toContain('Is your problem solved');
      const shown = await everShown(system, room);
      expect(shown.filter((content) => content.includes('dana'))).toHaveLength(1);
      const { said } = await readRoom({ roomId: room, reader: user, kind: 'direct' }, system.botId);
      expect(said.filter(({ edits }) => edits !== undefined)).toEqual([]);
      const others = said.filter(({ vagent }) => vagent.turn !== edited);
      for (const { event } of others)
        expect(event.content['body']).toMatch(/^A colleague reads my answer before you get it\./);
      const admin = JSON.stringify(await everShown(system, system.adminRoom));
      expect(admin).toContain(reason);
    });

    it('hands over to a person and back: words go both ways, and the bot says nothing', async () => {
      const { system, room, user, say } = await meet('dora');
      const [rita, ron] = system.reviewers;
      const asked = await say('I want to talk to a human');
      expect(asked.text).toContain('asked a colleague');
      const prompt = await promptFor(system, asked.message);
      expect(prompt.text).toContain('hand_off');
      const taken = await rita.react(system.adminRoom, prompt.event.event_id, '✅');
      expect((await answerTo(system, room, taken)).text).toMatch(/rita.* has taken over/);
      const first = await user.say(room, 'How do I reset my 2FA? Nothing of that works.');
      expect(await noticeUnder(system, prompt, 'Nothing of that works')).toContain(user.userId);
      const thread = { thread: prompt.event.event_id };
      const word = await rita.say(system.adminRoom, 'Which phone do you use?', thread);
      expect((await answerTo(system, room, word)).text).toBe('Which phone do you use?');
      const second = await user.say(room, 'an old one');
      await noticeUnder(system, prompt, 'an old one');
      const other = await ron.say(system.adminRoom, 'I know that one, take the next update.', thread);
      expect((await answerTo(system, room, other)).text).toContain('take the next update');
      const back = await rita.say(system.adminRoom, 'hand back', thread);
      expect((await answerTo(system, room, back)).text).toContain('talking to the bot again');
      const { said } = await readRoom({ roomId: room, reader: user, kind: 'direct' }, system.botId);
      const turns = said.map(({ vagent }) => vagent.turn);
      expect(turns).toEqual([asked.message, taken, word, other, back]);
      expect(turns).not.toContain(first);
      expect(turns).not.toContain(second);
      expect((await say('How do I reset my 2FA?')).text).toContain('Two-factor authentication');
      await rita.say(system.adminRoom, 'Are you still there?', thread);
      await noticeUnder(system, prompt, 'were not passed on');
      expect(await everShown(system, room)).not.toContainEqual(
        expect.stringContaining('Are you still there'),
      );
      expect((await say('thanks')).text).toContain('welcome');
    });

    if (isBrief) return;

    it('answers how things stand, and cancels, in the middle of a flow', async () => {
      const { say } = await meet('bob');
      await say('I need a refund');
      const status = await say('how is my request going?');
      expect(status.text).toMatch(/in the middle of refund.*Which invoice/s);
      expect((await say('INV-1042')).text).toContain('How much');
      const cancelled = await say('never mind, cancel it');
      expect(cancelled.text).toMatch(/cancelled/i);
      const after = await say('how is my request going?');
      expect(after.text).toContain('Nothing of yours is waiting');
      expect(after.text).not.toContain('refund');
    });

    it('revokes a leaked token by its fingerprint; the token itself stands nowhere', async () => {
      const { system, room, say } = await meet('eve');
      const secret = randomBytes(18).toString('hex');
      const token = `ghp_${secret}`;
      const { text } = await say(`oh no, I pasted my token ${token} in a public issue`);
      expect(text).toMatch(/fingerprint.*[0-9a-f]{16}.*is revoked/s);
      expect(JSON.stringify(await everShown(system, room))).not.toContain(secret);
      const everything = await everythingIn(system.redis);
      expect(/API_KEY-[0-9a-f]{16}/.test(everything)).toBe(true);
      const admin = JSON.stringify(await everShown(system, system.adminRoom));
      const holders = Object.entries({ everything, logs: system.logs(), admin });
      expect(holders.filter(([, held]) => held.includes(secret)).map(([where]) => where)).toEqual([]);
    });

    it('asks a person, with a summary, about what no agent is for', async () => {
      const { system, room, say } = await meet('finn');
      const question = 'can you recommend a good pizza place in Hamburg?';
      const asked = await say(question);
      expect(asked.text).toContain('asked a colleague');
      const prompt = await promptFor(system, asked.message);
      expect(prompt.text).toContain('hand_off');
      expect(prompt.text).toMatch(/No agent is for this/);
      expect(prompt.text).toContain(question);
      const words = 'Sorry, we only know about code.';
      const answered = await system.reviewers[1].reply(system.adminRoom, prompt.event.event_id, words);
      expect((await answerTo(system, room, answered)).text).toMatch(/ron.* answers:.*only know about code/s);
      expect((await outcomeOf(system, prompt)).text).toMatch(/Answered by .*ron/);
    });

    it('works by what a reviewer writes where there is no procedure, and remembers once what was asked', async () => {
      const { system, room, user, say } = await meet('fred');
      const asked = await say('please move our wiki into another repository');
      expect(asked.text).toContain('no procedure for this');
      const prompt = await promptFor(system, asked.message);
      const words = 'Tell the person to clone the address with .wiki.git and to push it to the other one.';
      const written = await system.reviewers[0].reply(system.adminRoom, prompt.event.event_id, words);
      expect((await answerTo(system, room, written)).text).toContain('.wiki.git');
      const history = await readHistory(system, `${room}:main:${user.userId}`);
      expect(history.map(({ role }) => role)).toEqual(['user', 'assistant', 'assistant']);
    });

    it('looks again after a while: where it did not hold, the person is told and a colleague is asked', async () => {
      const { system, room, user, say } = await meet('gus');
      await say('please refund 30 EUR of invoice INV-1043 because we were charged twice');
      const asked = await say('yes');
      const prompt = await promptFor(system, asked.message);
      const decision = await system.reviewers[0].react(system.adminRoom, prompt.event.event_id, '✅');
      expect((await answerTo(system, room, decision)).text).toContain('given back');
      const told = await eventually(
        async () => {
          const { said } = await readRoom({ roomId: room, reader: user, kind: 'direct' }, system.botId);
          return said.find(({ event }) => String(event.content['body']).includes('has not arrived'));
        },
        { withinMs: 20_000, everyMs: 100, what: 'the person is told of the check' },
      );
      expect(String(told.event.content['body'])).toMatch(/INV-1043 has not arrived.*asked a colleague/s);
      const handOff = await promptFor(system, told.vagent.turn);
      expect(handOff.text).toMatch(/The check after \W*refund\W* failed/);
      const answered = await system.reviewers[2].reply(
        system.adminRoom,
        handOff.event.event_id,
        'The bank is slow today, it comes tomorrow.',
      );
      expect((await answerTo(system, room, answered)).text).toContain('it comes tomorrow');
      expect((await toldAbout(system, answered)).isOutcome).toBe(true);
    });
  });

  describe(`personal data at the desk on ${name}`, () => {
    const stage = useStage({
      startHomeserver,
      checkpoints: false,
      env: { PAYLOAD_KEY: randomBytes(32).toString('base64') },
    });

    it('is a placeholder wherever it is kept, and stands in clear in the reply that repeats it', async () => {
      const { system } = stage();
      const user = await system.user('hana');
      const room = await system.direct(user);
      const address = 'hana.sommer@post.example.org';
      const text = `please refund 49 EUR of invoice INV-1042 because the receipt must go to ${address}`;
      const { text: reply, message } = await exchange(system, user, room, text);
      expect(reply).toContain(`the receipt must go to ${address}`);
      const everything = await everythingIn(system.redis);
      const opened = openedIn(everything, system.openBody);
      const inbound = opened.find((body) => body.includes(message) && body.includes('receipt'));
      expect(inbound).toMatch(/the receipt must go to \[EMAIL-[0-9A-Z]{8}\]/);
      const [vault = '', ...more] = opened.filter((body) => body.includes('"placeholder":'));
      expect(JSON.parse(vault)).toMatchObject({ session: `${room}:main:${user.userId}`, value: address });
      expect(more).toEqual([]);
      const others = opened.filter((body) => body !== vault).join('\n');
      const holders = Object.entries({ everything, others, logs: system.logs() });
      expect(holders.filter(([, held]) => held.includes(address)).map(([where]) => where)).toEqual([]);
    });
  });
}
