import { describe, expect, it } from 'vitest';
import { approvalIdOf } from '#contract/approval';
import { partitionOf } from '#contract/partition-of';
import { eventually } from '../support/eventually.ts';
import type { StartHomeserver } from '../support/homeserver-under-test.ts';
import { readRecord } from '../support/rooms-checker-approvals.ts';
import { useStage } from '../support/system-stage.ts';
import { answerTo, askForDeletion, outcomeOf, promptFor, toldAbout } from '../support/system-talk.ts';
import { readRoom } from '../support/system-timeline.ts';

/** Who may decide, when, how often, and what a decision is: faults.md F67 to F72, through plain Matrix clients. */
export function describeApprovals(name: string, startHomeserver: StartHomeserver): void {
  describe(`approvals on ${name}`, () => {
    const stage = useStage({ startHomeserver, replicas: { worker: 2 } });

    async function statusOf(approval: string, room: string, userId: string): Promise<string | undefined> {
      return (await readRecord(stage().system, `${room}:main:${userId}`, approval))?.status;
    }

    it('F67 answered twice by one reviewer, by reaction and by text: the second is told, nothing else moves', async () => {
      const { system, deletions } = stage();
      const [rita] = system.reviewers;
      const first = await askForDeletion(system, 'abe', 'Aries');
      const next = await first.user.say(first.room, 'Please delete all records of project Taurus');
      const nextPrompt = await promptFor(system, next);
      const approve = await rita.react(system.adminRoom, first.prompt.event.event_id, '✅');
      await answerTo(system, first.room, approve);
      const again = await rita.reply(system.adminRoom, first.prompt.event.event_id, 'approve');
      const late = await rita.reply(system.adminRoom, first.prompt.event.event_id, 'reject');
      for (const decision of [again, late]) {
        const told = await toldAbout(system, decision);
        expect(told.text).toMatch(/already decided by .*rita.*approved/);
        expect(told.isOutcome).toBe(false);
      }
      expect(await statusOf(nextPrompt.approval, first.room, first.user.userId)).toBe('pending');
      expect([deletions('Aries').applied, deletions('Taurus').calls]).toEqual([1, 0]);
    });

    it('F68 two reviewers racing: exactly one outcome each time, the loser is told who won', async () => {
      const { system, deletions } = stage();
      const [rita, ron] = system.reviewers;
      const races = ['bo1', 'bo2', 'bo3', 'bo4', 'bo5', 'bo6'].map(async (person, index) => {
        const project = `Race-${index}`;
        const { room, prompt } = await askForDeletion(system, person, project);
        const id = prompt.event.event_id;
        const decide = [
          () => rita.react(system.adminRoom, id, '✅'),
          () => ron.reply(system.adminRoom, id, 'reject because I was first'),
        ];
        if (index % 2 === 1) decide.reverse();
        const decisions = await Promise.all(decide.map((one) => one()));
        const { turn, text } = await outcomeOf(system, prompt);
        const [loser] = decisions.filter((decision) => decision !== turn);
        expect(decisions).toContain(turn);
        const winner = text.includes(rita.userId) ? rita : ron;
        expect((await toldAbout(system, loser ?? '')).text).toContain(`already decided by ${winner.userId}`);
        await answerTo(system, room, turn);
        expect(deletions(project).applied).toBe(winner === rita ? 1 : 0);
      });
      await Promise.all(races);
    });

    it('F69 decided by somebody who is no reviewer, and by the requester: refused, told, kept in the audit', async () => {
      const { system, deletions } = stage();
      const { user, room, prompt } = await askForDeletion(system, 'cal', 'Vela');
      const mallory = await system.user('mallory');
      for (const guest of [mallory, user]) {
        await system.reviewers[0].invite(system.adminRoom, guest.userId);
        await guest.join(system.adminRoom);
      }
      await mallory.request('PUT', `/v3/profile/${encodeURIComponent(mallory.userId)}/displayname`, {
        body: { displayname: system.reviewers[0].userId },
      });
      const forged = [
        await mallory.react(system.adminRoom, prompt.event.event_id, '✅'),
        await mallory.reply(system.adminRoom, prompt.event.event_id, 'approve'),
        await mallory.say(system.adminRoom, `!vagent approve ${prompt.code}`),
        await user.react(system.adminRoom, prompt.event.event_id, '✅'),
      ];
      for (const decision of forged)
        expect((await toldAbout(system, decision)).text).toMatch(/not a reviewer/);
      const partition = partitionOf(`${room}:main:${user.userId}`, system.partitions);
      const audit = JSON.stringify(
        await system.redis.xrange(system.keys.stream(partition, 'audit'), '-', '+'),
      );
      for (const decision of forged) expect(audit).toContain(decision);
      expect(await statusOf(prompt.approval, room, user.userId)).toBe('pending');
      expect(deletions('Vela').calls).toBe(0);
    });

    it('F69 requested by a reviewer: nobody decides on their own request, a colleague does', async () => {
      const { system, deletions } = stage();
      const [rita, ron] = system.reviewers;
      const room = await system.direct(rita);
      const asked = await rita.say(room, 'Please delete all records of project Virgo');
      const prompt = await promptFor(system, asked);
      const own = await rita.react(system.adminRoom, prompt.event.event_id, '✅');
      expect((await toldAbout(system, own)).text).toMatch(/own request/);
      expect(deletions('Virgo').calls).toBe(0);
      const colleague = await ron.react(system.adminRoom, prompt.event.event_id, '✅');
      await answerTo(system, room, colleague);
      expect(deletions('Virgo').applied).toBe(1);
    });

    it('F69 decided from another room: refused or not even a decision', async () => {
      const { system, deletions } = stage();
      const { user, room, prompt } = await askForDeletion(system, 'dot', 'Volans');
      const [rita, ron] = system.reviewers;
      const elsewhere = await system.group(rita, ron);
      const command = await rita.say(elsewhere, `!vagent approve ${prompt.code}`, { mention: system.botId });
      await answerTo(system, elsewhere, command);
      const foreign = await rita.send(elsewhere, {
        msgtype: 'm.text',
        body: 'approve',
        'm.mentions': { user_ids: [system.botId] },
        'm.relates_to': { 'm.in_reply_to': { event_id: prompt.event.event_id } },
      });
      await answerTo(system, elsewhere, foreign);
      expect(await statusOf(prompt.approval, room, user.userId)).toBe('pending');
      expect(deletions('Volans').calls).toBe(0);
    });

    it('F69 reacting to another message of the bot, or to an outcome: nothing is decided', async () => {
      const { system, deletions } = stage();
      const [rita] = system.reviewers;
      const waiting = await askForDeletion(system, 'eda', 'Pavo');
      const done = await askForDeletion(system, 'edo', 'Pictor');
      const decision = await rita.reply(system.adminRoom, done.prompt.event.event_id, 'approve');
      await answerTo(system, done.room, decision);
      const twice = await rita.reply(system.adminRoom, done.prompt.event.event_id, 'approve');
      const { said } = await toldAbout(system, twice);
      await rita.react(system.adminRoom, said.event.event_id, '✅');
      const status = await answerTo(system, waiting.room, waiting.message);
      await waiting.user.react(waiting.room, status.event.event_id, '✅');
      const asked = await waiting.user.say(waiting.room, 'How does my request stand?');
      expect((await answerTo(system, waiting.room, asked)).text).toContain('waiting for a reviewer');
      expect(deletions('Pavo').calls).toBe(0);
      expect(deletions('Pictor').applied).toBe(1);
    });

    it.each(['approve? no', 'approve it', 'ok', 'yes', 'approved'])(
      'F69 answered with "%s": handed on as words, nothing runs',
      async (words) => {
        const { system, deletions } = stage();
        const project = `Words-${words.length}`;
        const { room, prompt } = await askForDeletion(system, `eli${words.length}`, project);
        const decision = await system.reviewers[0].reply(system.adminRoom, prompt.event.event_id, words);
        expect((await answerTo(system, room, decision)).text).toContain(words);
        expect(deletions(project).calls).toBe(0);
      },
    );

    it('F70 decided before the prompt was posted: counts, and the prompt comes with its outcome', async () => {
      const { system, deletions } = stage();
      await system.process('egress-1').kill('SIGTERM');
      const user = await system.user('fee');
      const room = await system.direct(user);
      const asked = await user.say(room, 'Please delete all records of project Norma');
      const session = `${room}:main:${user.userId}`;
      const id = approvalIdOf(session, asked, 'proposal:0');
      await eventually(() => statusOf(id, room, user.userId), { what: 'the approval waits' });
      const command = `!vagent approve ${id.slice(0, 6)}`;
      const decision = await system.reviewers[1].say(system.adminRoom, command);
      await eventually(async () => (await statusOf(id, room, user.userId)) === 'approved', {
        what: 'the decision counts',
      });
      await system.start(['egress-1']);
      expect((await answerTo(system, room, decision)).text).toContain('Norma');
      await outcomeOf(system, await promptFor(system, asked));
      expect(deletions('Norma').applied).toBe(1);
    });

    it('F71 an edit or a redaction of a decision that counted changes nothing', async () => {
      const { system, deletions } = stage();
      const [rita, ron] = system.reviewers;
      const rejected = await askForDeletion(system, 'gay', 'Crux');
      const no = await rita.reply(system.adminRoom, rejected.prompt.event.event_id, 'reject');
      await answerTo(system, rejected.room, no);
      await rita.edit(system.adminRoom, no, 'approve');
      const approved = await askForDeletion(system, 'guy', 'Corvus');
      const yes = await ron.react(system.adminRoom, approved.prompt.event.event_id, '✅');
      await answerTo(system, approved.room, yes);
      await ron.redact(system.adminRoom, yes);
      const asked = await rejected.user.say(rejected.room, 'How does my request stand?');
      expect((await answerTo(system, rejected.room, asked)).text).toMatch(/Nothing of yours/);
      expect(await statusOf(approved.prompt.approval, approved.room, approved.user.userId)).toBe('approved');
      expect([deletions('Crux').calls, deletions('Corvus').applied]).toEqual([0, 1]);
    });

    it('F71 a decision redacted before it was read, and an edit into a decision, are none', async () => {
      const { system, deletions } = stage();
      const [rita] = system.reviewers;
      const { user, room, prompt } = await askForDeletion(system, 'hob', 'Grus');
      const words = await rita.say(system.adminRoom, 'What is this about?');
      await system.process('ingress-1').kill('SIGTERM');
      const slip = await rita.react(system.adminRoom, prompt.event.event_id, '✅');
      await rita.redact(system.adminRoom, slip);
      await rita.send(system.adminRoom, {
        msgtype: 'm.text',
        body: `* !vagent approve ${prompt.code}`,
        'm.new_content': { msgtype: 'm.text', body: `!vagent approve ${prompt.code}` },
        'm.relates_to': { rel_type: 'm.replace', event_id: words },
      });
      await system.start(['ingress-1']);
      const asked = await user.say(room, 'How does my request stand?');
      expect((await answerTo(system, room, asked)).text).toContain('waiting for a reviewer');
      expect(await statusOf(prompt.approval, room, user.userId)).toBe('pending');
      expect(deletions('Grus').calls).toBe(0);
    });

    it('F72 a message while an approval waits takes its turn and voids nothing', async () => {
      const { system, deletions } = stage();
      const { user, room, prompt } = await askForDeletion(system, 'ira', 'Lepus');
      const asked = await user.say(room, 'How do I reset my 2FA?');
      expect((await answerTo(system, room, asked)).text).toContain('Two-factor authentication');
      const twice = await user.say(room, 'Please delete all records of project Lepus');
      expect((await answerTo(system, room, twice)).text).toContain('waiting for a reviewer already');
      const decision = await system.reviewers[2].react(system.adminRoom, prompt.event.event_id, '✅');
      expect((await answerTo(system, room, decision)).text).toContain('Lepus');
      expect(deletions('Lepus').applied).toBe(1);
      const { said } = await readRoom({ roomId: room, reader: user, kind: 'direct' }, system.botId);
      expect(said.filter(({ vagent }) => vagent.turn === decision)).toHaveLength(1);
    });

    it('F72 "cancel" withdraws the request: the prompt says so, a later approval runs nothing', async () => {
      const { system, deletions } = stage();
      const { user, room, prompt } = await askForDeletion(system, 'joy', 'Mensa');
      const cancel = await user.say(room, 'cancel');
      expect((await answerTo(system, room, cancel)).text).toMatch(/Cancelled/);
      expect((await outcomeOf(system, prompt)).text).toMatch(/Withdrawn/);
      const late = await system.reviewers[0].react(system.adminRoom, prompt.event.event_id, '✅');
      expect((await toldAbout(system, late)).text).toMatch(/already decided.*withdrawn/);
      expect(deletions('Mensa').calls).toBe(0);
    });
  });

  describe(`approvals of high risk that soon expire, on ${name}`, () => {
    const policy = { risk: 'high', quorum: 2, expiresIn: '8s', reminders: ['2s'] };
    const stage = useStage({ startHomeserver, policy });

    it('F70 undecided: the reviewers are reminded, then it expires, nothing runs, and all are told', async () => {
      const { system, deletions } = stage();
      const { user, room, prompt } = await askForDeletion(system, 'kay', 'Tucana');
      const [rita, ron, ruth] = system.reviewers;
      const reminders = async () => {
        const admin = await readRoom({ roomId: system.adminRoom, reader: rita, kind: 'admin' }, system.botId);
        return admin.said.find(
          ({ vagent }) => vagent.kind === 'reminder' && vagent.approval === prompt.approval,
        );
      };
      const reminder = await eventually(reminders, { withinMs: 15_000, what: 'a reminder' });
      const mentioned = { user_ids: [rita.userId, ron.userId, ruth.userId] };
      expect(reminder.event.content['m.mentions']).toEqual(mentioned);
      const outcome = await outcomeOf(system, prompt, 30_000);
      expect(outcome.text).toMatch(/Expired/);
      expect((await answerTo(system, room, outcome.turn)).text).toMatch(/Nobody decided in time/);
      const late = await rita.reply(system.adminRoom, prompt.event.event_id, 'approve');
      expect((await toldAbout(system, late)).text).toMatch(/already decided.*expired/);
      expect(deletions('Tucana').calls).toBe(0);
      const asked = await user.say(room, 'How does my request stand?');
      expect((await answerTo(system, room, asked)).text).toMatch(/Nothing of yours/);
    });

    it('F70 that expire while worker and clock are down: nothing runs when they are back', async () => {
      const { system, deletions } = stage();
      const { room, prompt } = await askForDeletion(system, 'kit', 'Telescopium');
      const away = ['worker-1', 'clock-1'];
      await Promise.all(away.map((one) => system.process(one).kill('SIGKILL')));
      const session = String(Reflect.get(Object(prompt.event.content['dev.vagent']), 'session'));
      const due = Date.parse((await readRecord(system, session, prompt.approval))?.expiresAt ?? '');
      const isOver = async (): Promise<boolean> => Number((await system.redis.time())[0]) * 1_000 > due;
      await eventually(isOver, { withinMs: 20_000, everyMs: 200, what: 'the time is over' });
      await system.start(away);
      const outcome = await outcomeOf(system, prompt, 30_000);
      expect(outcome.text).toMatch(/Expired/);
      await answerTo(system, room, outcome.turn);
      expect(deletions('Telescopium').calls).toBe(0);
    });
  });

  describe(`approvals of high risk, on ${name}`, () => {
    const stage = useStage({ startHomeserver, policy: { risk: 'high', quorum: 2, expiresIn: '10m' } });

    it('need two reviewers in words: a reaction does not count, one approval is progress, two run it', async () => {
      const { system, deletions } = stage();
      const [rita, ron] = system.reviewers;
      const { room, prompt } = await askForDeletion(system, 'lou', 'Perseus');
      const slip = await rita.react(system.adminRoom, prompt.event.event_id, '✅');
      expect((await toldAbout(system, slip)).text).toMatch(/high risk/);
      const one = await rita.reply(system.adminRoom, prompt.event.event_id, 'approve');
      expect((await toldAbout(system, one)).text).toContain('1 of 2');
      const same = await rita.say(system.adminRoom, `!vagent approve ${prompt.code}`);
      expect((await toldAbout(system, same)).text).toMatch(/another reviewer/);
      expect(deletions('Perseus').calls).toBe(0);
      const two = await ron.reply(system.adminRoom, prompt.event.event_id, 'approve');
      expect((await answerTo(system, room, two)).text).toMatch(/rita.* and .*ron/s);
      expect(deletions('Perseus').applied).toBe(1);
    });
  });
}
