import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import type { StartHomeserver } from '../support/homeserver-under-test.ts';
import { type StageOptions, useStage } from '../support/system-stage.ts';
import { answerTo, askForDeletion, outcomeOf, promptFor, toldAbout } from '../support/system-talk.ts';
import { readRoom, relationOf } from '../support/system-timeline.ts';

const question = 'How do I reset my 2FA?';
const source = 'Two-factor authentication';

/**
 * What people can rely on, through plain Matrix clients: questions, actions with approvals, order, outages. After
 * every test all invariants must hold.
 */
export function describeConversation(
  name: string,
  startHomeserver: StartHomeserver,
  options: StageOptions = {},
): void {
  describe(`vagent on ${name}`, () => {
    const stage = useStage({ startHomeserver, replicas: { worker: 3 }, partitions: 8, ...options });

    it('accepts an invite and answers from its knowledge, naming the source', async () => {
      const { system } = stage();
      const ann = await system.user('ann');
      const room = await system.invite(ann);
      const asked = await ann.say(room, question);
      const { text, kind, event } = await answerTo(system, room, asked);
      expect(kind).toBe('reply');
      expect(text).toMatch(/authenticator|recovery code/i);
      expect(text).toContain(source);
      expect(relationOf(event).replyTo).toBe(asked);
      expect(event.content['m.mentions']).toEqual({ user_ids: [ann.userId] });
      expect(event.content['msgtype']).toBe('m.text');
    });

    it('answers in a group when it is mentioned, in a thread inside the thread, and else says nothing', async () => {
      const { system } = stage();
      const [ben, bea] = [await system.user('ben'), await system.user('bea')];
      const room = await system.group(ben, bea);
      const chatter = await ben.say(room, question);
      const root = await bea.say(room, 'We talk about sign-in here');
      const inThread = await bea.say(room, question, { thread: root, mention: system.botId });
      const inRoom = await ben.say(room, question, { mention: system.botId });
      const threaded = await answerTo(system, room, inThread);
      const plain = await answerTo(system, room, inRoom);
      expect(relationOf(threaded.event).thread).toBe(root);
      expect(relationOf(plain.event)).toMatchObject({ thread: undefined, replyTo: inRoom });
      expect(threaded.event.content['m.mentions']).toEqual({ user_ids: [bea.userId] });
      const { said } = await readRoom({ roomId: room, reader: ben, kind: 'group' }, system.botId);
      expect(said.map(({ vagent }) => vagent.turn)).not.toContain(chatter);
      expect(said.map(({ vagent }) => vagent.turn)).not.toContain(root);
    });

    it('answers 50 messages of one session in their order while three workers serve others too', async () => {
      const { system } = stage();
      const [cleo, ...others] = await Promise.all(
        ['cleo', 'carl', 'cora', 'cid'].map((person) => system.user(person)),
      );
      if (cleo === undefined) throw new Error('nobody asks');
      const room = await system.direct(cleo);
      const talk = async (): Promise<string[]> => {
        const asked: string[] = [];
        for (let i = 1; i <= 50; i += 1) asked.push(await cleo.say(room, `${question} (${i})`));
        return asked;
      };
      const beside = async (user: (typeof others)[number]): Promise<void> => {
        const own = await system.direct(user);
        for (let i = 1; i <= 5; i += 1) await user.say(own, question);
      };
      const [asked] = await Promise.all([talk(), ...others.map(beside)]);
      const answered = async (): Promise<(string | undefined)[] | undefined> => {
        const { said } = await readRoom({ roomId: room, reader: cleo, kind: 'direct' }, system.botId);
        const turns = said.filter(({ edits }) => edits === undefined).map(({ vagent }) => vagent.turn);
        return turns.length >= asked.length ? turns : undefined;
      };
      const turns = await eventually(answered, { withinMs: 60_000, everyMs: 200, what: '50 answers' });
      expect(turns).toEqual(asked);
      const areAllAtWork = async (): Promise<boolean> => {
        const held = system.processes('worker').map((worker) => worker.metric('vagent_partitions_held'));
        return (await Promise.all(held)).every((count) => count > 0);
      };
      await eventually(areAllAtWork, { everyMs: 200, what: 'each of three workers holds partitions' });
    });

    it('asks the admin room about an action, shows exactly what it would run, and tells the user to wait', async () => {
      const { system, deletions } = stage();
      const { user, room, message, prompt } = await askForDeletion(system, 'dora', 'Apollo');
      const waiting = await answerTo(system, room, message);
      expect(waiting.kind).toBe('status');
      expect(waiting.event.content['msgtype']).toBe('m.notice');
      for (const shown of ['delete_records', '{"project":"Apollo"}', user.userId, room, prompt.code]) {
        expect(prompt.text).toContain(shown);
      }
      expect(prompt.event.content['dev.vagent']).toMatchObject({
        kind: 'approval',
        session: `${room}:main:${user.userId}`,
        turn: message,
        entry: expect.stringMatching(/^\d+-\d+$/),
        approval: prompt.approval,
      });
      expect(deletions('Apollo').calls).toBe(0);
    });

    it('runs the action once when a reviewer reacts with ✅, and shows the outcome in both rooms', async () => {
      const { system, deletions } = stage();
      const { room, prompt } = await askForDeletion(system, 'ella', 'Borealis');
      const [rita] = system.reviewers;
      const decision = await rita.react(system.adminRoom, prompt.event.event_id, '✅');
      const result = await answerTo(system, room, decision);
      expect(result.text).toMatch(/Approved by .*rita.*Borealis/s);
      expect(result.text).toContain('108');
      const outcome = await outcomeOf(system, prompt);
      expect(outcome.text).toMatch(/Approved by .*rita/);
      expect(deletions('Borealis').applied).toBe(1);
    });

    it('takes a reply "approve" and a command with the code alike', async () => {
      const { system, deletions } = stage();
      const [, ron, ruth] = system.reviewers;
      const byReply = await askForDeletion(system, 'fay', 'Cygnus');
      const byCommand = await askForDeletion(system, 'finn', 'Draco');
      const reply = await ron.reply(system.adminRoom, byReply.prompt.event.event_id, 'approve');
      const command = await ruth.say(system.adminRoom, `!vagent approve ${byCommand.prompt.code}`);
      expect((await answerTo(system, byReply.room, reply)).text).toMatch(/Approved by .*ron/);
      expect((await answerTo(system, byCommand.room, command)).text).toMatch(/Approved by .*ruth/);
      expect([deletions('Cygnus').applied, deletions('Draco').applied]).toEqual([1, 1]);
    });

    it('runs the edited arguments, and only those, after an edit', async () => {
      const { system, deletions } = stage();
      const { room, prompt } = await askForDeletion(system, 'gina', 'Eridanus');
      const [rita] = system.reviewers;
      const decision = await rita.reply(
        system.adminRoom,
        prompt.event.event_id,
        'edit {"project": "Eridanus-test"}',
      );
      const result = await answerTo(system, room, decision);
      expect(result.text).toContain('Eridanus-test');
      expect((await outcomeOf(system, prompt)).text).toMatch(/Edited/i);
      expect(deletions('Eridanus').calls).toBe(0);
      expect(deletions('Eridanus-test').applied).toBe(1);
    });

    it('refuses an edit that the tool cannot take, and still waits', async () => {
      const { system, deletions } = stage();
      const { room, prompt } = await askForDeletion(system, 'gus', 'Fornax');
      const [rita] = system.reviewers;
      const broken = await rita.reply(system.adminRoom, prompt.event.event_id, 'edit {"planet": "Mars"}');
      const told = await toldAbout(system, broken);
      expect(told.isOutcome).toBe(false);
      expect(told.text).toContain('planet');
      const decision = await rita.reply(system.adminRoom, prompt.event.event_id, 'approve');
      expect((await answerTo(system, room, decision)).text).toContain('Fornax');
      expect(deletions('Fornax').applied).toBe(1);
    });

    it('runs nothing after a reject, and hands the reason on', async () => {
      const { system, deletions } = stage();
      const { room, prompt } = await askForDeletion(system, 'hana', 'Gemini');
      const [, ron] = system.reviewers;
      const reason = 'legal still needs the records';
      const decision = await ron.reply(system.adminRoom, prompt.event.event_id, `reject because ${reason}`);
      const result = await answerTo(system, room, decision);
      expect(result.text).toMatch(/rejected by .*ron/);
      expect(result.text).toContain(reason);
      expect((await outcomeOf(system, prompt)).text).toMatch(/Rejected by .*ron/);
      expect(deletions('Gemini').calls).toBe(0);
    });

    it('hands any other words on to the user as an answer, and runs nothing', async () => {
      const { system, deletions } = stage();
      const { room, prompt } = await askForDeletion(system, 'ines', 'Hydra');
      const [, , ruth] = system.reviewers;
      const words = 'Please archive it in the settings instead';
      const decision = await ruth.reply(system.adminRoom, prompt.event.event_id, words);
      expect((await answerTo(system, room, decision)).text).toContain(words);
      expect((await outcomeOf(system, prompt)).text).toMatch(/Answered by .*ruth/);
      expect(deletions('Hydra').calls).toBe(0);
    });

    it('keeps a decision that comes while every worker is down, and carries it out once', async () => {
      const { system, deletions } = stage();
      const { room, prompt } = await askForDeletion(system, 'jack', 'Indus');
      const workers = system.processes('worker');
      await Promise.all(workers.map((worker) => worker.kill('SIGKILL')));
      const [rita] = system.reviewers;
      const decision = await rita.react(system.adminRoom, prompt.event.event_id, '✅');
      await system.start(workers.map((worker) => worker.name));
      expect((await answerTo(system, room, decision)).text).toContain('Indus');
      expect(deletions('Indus').applied).toBe(1);
    });

    it('still knows what waits after everything, Redis too, was killed and started again', async () => {
      const { system, deletions, redis } = stage();
      const { user, room, prompt } = await askForDeletion(system, 'kim', 'Lyra');
      await Promise.all(system.processes().map((one) => one.kill('SIGKILL')));
      await redis.kill();
      await redis.start();
      await system.start(system.processes().map((one) => one.name));
      const asked = await user.say(room, 'How does my request stand?');
      expect((await answerTo(system, room, asked)).text).toContain('waiting for a reviewer');
      const [, ron] = system.reviewers;
      const decision = await ron.say(system.adminRoom, `!vagent approve ${prompt.code}`);
      expect((await answerTo(system, room, decision)).text).toMatch(/Approved by .*ron.*Lyra/s);
      expect(deletions('Lyra').applied).toBe(1);
    });

    it('asks for what is missing instead of asking a reviewer', async () => {
      const { system } = stage();
      const leo = await system.user('leo');
      const room = await system.direct(leo);
      const vague = await leo.say(room, 'Delete all records');
      const { kind, text } = await answerTo(system, room, vague);
      expect(kind).toBe('reply');
      expect(text).toMatch(/project/i);
      const exact = await leo.say(room, 'Please delete all records of project Mensa');
      const prompt = await promptFor(system, exact);
      expect(prompt.text).toContain('{"project":"Mensa"}');
    });
  });
}
