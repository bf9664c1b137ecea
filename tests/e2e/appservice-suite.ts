import { describe, expect, it } from 'vitest';
import type { StartHomeserver } from '../support/homeserver-under-test.ts';
import { useStage } from '../support/system-stage.ts';
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
