import { describe, expect, it } from 'vitest';
import type { StartHomeserver } from '../support/homeserver-under-test.ts';
import { type StageOptions, useStage } from '../support/system-stage.ts';
import { answerTo, promptFor } from '../support/system-talk.ts';

const question = 'How do I reset my 2FA?';
const source = 'Two-factor authentication';

/** The same conversation when the homeserver pushes to an appservice. */
export function describeAppservice(name: string, startHomeserver: StartHomeserver): void {
  describe(`vagent as an appservice of ${name}`, () => {
    const stage = useStage({ mode: 'appservice', startHomeserver });

    it('accepts an invite, answers, asks the admin room and acts on what it says', async () => {
      const { system, deletions } = stage();
      const oda = await system.user('oda');
      const room = await system.invite(oda);
      const asked = await oda.say(room, question);
      expect((await answerTo(system, room, asked)).text).toContain(source);
      const risky = await oda.say(room, 'Please delete all records of project Antlia');
      const prompt = await promptFor(system, risky);
      const decision = await system.reviewers[1].react(system.adminRoom, prompt.event.event_id, '✅');
      expect((await answerTo(system, room, decision)).text).toMatch(/Approved by .*ron.*Antlia/s);
      expect(deletions('Antlia').applied).toBe(1);
    });

    it('answers what was written while ingress was down, in order, as soon as it is back', async () => {
      const { system } = stage();
      const ora = await system.user('ora');
      const room = await system.direct(ora);
      await answerTo(system, room, await ora.say(room, 'hello'));
      await system.process('ingress-1').kill('SIGKILL');
      const asked: string[] = [];
      for (let i = 1; i <= 5; i += 1) asked.push(await ora.say(room, `${question} (${i})`));
      await system.start(['ingress-1']);
      for (const eventId of asked) await answerTo(system, room, eventId);
    });
  });
}

const aboutInvoices = 'Where do I find my invoices?';

/** Agents that speak as users of their own; with `clientFor` in encrypted rooms. */
export function describeGhosts(
  name: string,
  startHomeserver: StartHomeserver,
  clientFor?: StageOptions['clientFor'],
): void {
  const where = clientFor === undefined ? 'on' : 'in encrypted rooms of';
  describe(`agents as users of their own, ${where} ${name}`, () => {
    const stage = useStage({
      mode: 'appservice',
      ghosts: true,
      replicas: { egress: 2 },
      startHomeserver,
      ...(clientFor === undefined ? {} : { clientFor }),
    });
    const ghost = (agent: string): string => `@_vagent_${agent}:${stage().system.botId.split(':', 2)[1]}`;

    it('answer in one room, each as itself, and are answered by a reply', async () => {
      const { system } = stage();
      const gwen = await system.user('gwen');
      const room = await system.direct(gwen);
      const reset = await answerTo(system, room, await gwen.say(room, question));
      const invoices = await answerTo(system, room, await gwen.say(room, aboutInvoices));
      const hello = await answerTo(system, room, await gwen.say(room, 'hello'));
      expect([reset, invoices, hello].map(({ event }) => event.sender)).toEqual([
        ghost('account_security'),
        ghost('billing'),
        system.botId,
      ]);
      const again = await gwen.send(room, {
        msgtype: 'm.text',
        body: question,
        'm.relates_to': { 'm.in_reply_to': { event_id: invoices.event.event_id } },
      });
      expect((await answerTo(system, room, again)).event.sender).toBe(ghost('account_security'));
    });

    it('F17: say it once where egress is killed after the homeserver has answered, and another takes over', async () => {
      const { system, sound } = stage();
      const gil = await system.user('gil');
      const room = await system.direct(gil);
      await answerTo(system, room, await gil.say(room, aboutInvoices));
      // Whoever is to be killed by the next answer must not find this one among its work.
      await sound();
      for (const [doomed, other] of [
        ['egress-1', 'egress-2'],
        ['egress-2', 'egress-1'],
      ] as const) {
        await system.restart(doomed, { FAILPOINT: 'egress.after-send:kill' });
        await system.process(other).kill('SIGTERM');
        const asked = await gil.say(room, `${aboutInvoices} (${doomed})`);
        expect(await system.process(doomed).ended()).toMatchObject({ signal: 'SIGKILL' });
        await system.homeserver.restart();
        await system.start([other]);
        const answer = await answerTo(system, room, asked);
        expect(answer.event.sender).toBe(ghost('billing'));
        // The answer was there before the takeover: the next to be killed must not find it among its own work.
        await sound();
        await system.start([doomed]);
      }
      const mine = (await gil.timeline(room)).filter(
        ({ sender, type }) => sender === ghost('billing') && type === 'm.room.message',
      );
      expect(mine).toHaveLength(3);
    });
  });
}
