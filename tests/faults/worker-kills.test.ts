import { describe, expect, it } from 'vitest';
import { encodeKeyPart } from '#checkpoint/key-part';
import { approvalIdOf } from '#contract/approval';
import { partitionOf } from '#contract/partition-of';
import { eventually } from '../support/eventually.ts';
import { useStage } from '../support/system-stage.ts';
import { answerTo, askForDeletion, outcomeOf, promptFor } from '../support/system-talk.ts';

const question = 'How do I reset my 2FA?';
const worker = 'worker-1';

/** What was asked before is understood without the model: a second try asks something else. */
const questions = ['passkey', 'recovery code', 'security key', 'backup code'];
const newQuestion = (): string => `What is a ${questions.shift()}?`;

describe('a worker killed', () => {
  const stage = useStage();

  /** Gives the worker a life that ends at the failpoint; resolves to the wait for its end and the next life. */
  async function doomed(failpoint: string, env: Readonly<Record<string, string>> = {}) {
    const { system } = stage();
    await system.restart(worker, { ...env, FAILPOINT: `${failpoint}:kill` });
    return {
      revive: async () => {
        const { signal } = await system.process(worker).ended();
        expect(signal).toBe('SIGKILL');
        await system.start([worker], env);
      },
    };
  }

  async function ask(name: string, text = question) {
    const { system } = stage();
    const user = await system.user(name);
    const room = await system.direct(user);
    return { user, room, asked: await user.say(room, text) };
  }

  it('F06 after reading, before the work: the message is taken over and answered once', async () => {
    const { system } = stage();
    const life = await doomed('worker.before-turn');
    const { room, asked } = await ask('amy');
    await life.revive();
    expect((await answerTo(system, room, asked)).kind).toBe('reply');
  });

  it('F07 while the model writes: the turn runs again and its half draft becomes the one reply', async () => {
    const { system, model, modelEnv } = stage();
    await system.restart(worker, modelEnv);
    model.on(
      /long story/,
      [
        { kind: 'hang', text: 'Once upon a time, in a land far away, ' },
        { kind: 'text', text: 'The whole story, told to its end.' },
      ],
      null,
    );
    const { room, asked } = await ask('ava', 'Tell me a long story about tokens');
    const drafted = async () => {
      const events = (await system.rooms.find(({ roomId }) => roomId === room)?.reader.timeline(room)) ?? [];
      return events.some(({ content }) => String(content['body']).includes('Once upon a time'));
    };
    await eventually(drafted, { what: 'the draft is shown' });
    await system.process(worker).kill('SIGKILL');
    await system.start([worker], modelEnv);
    const answer = await answerTo(system, room, asked);
    expect(answer.text).toContain('The whole story, told to its end.');
    expect(answer.text).not.toContain('Once upon a time');
    await system.restart(worker);
  });

  it('F08 after the tool has run, before the commit: called again with the same key, applied once', async () => {
    const { system, deletions } = stage();
    const { room, prompt } = await askForDeletion(system, 'bob', 'Apollo');
    const life = await doomed('worker.after-action');
    const decision = await system.reviewers[0].react(system.adminRoom, prompt.event.event_id, '✅');
    await life.revive();
    expect((await answerTo(system, room, decision)).text).toMatch(/Approved by .*and done/s);
    expect(deletions('Apollo')).toEqual({ applied: 1, calls: 2 });
  });

  it('F09 with a finished turn that is not committed: nothing of it exists, it runs again', async () => {
    const { system, model, modelEnv } = stage();
    const life = await doomed('worker.before-commit', modelEnv);
    const before = model.requests.length;
    const { room, asked } = await ask('cyd', newQuestion());
    await life.revive();
    expect((await answerTo(system, room, asked)).kind).toBe('reply');
    // What the message means is remembered for all workers; the answer is written again.
    expect(model.requests.length - before).toBe(3);
    await system.restart(worker);
  });

  it('F10 after the commit: the turn is over and does not run again', async () => {
    const { system, model, modelEnv } = stage();
    const life = await doomed('worker.after-commit', modelEnv);
    const before = model.requests.length;
    const { room, asked } = await ask('dan', newQuestion());
    await life.revive();
    expect((await answerTo(system, room, asked)).kind).toBe('reply');
    expect(model.requests.length - before).toBe(2);
    await system.restart(worker);
  });

  it('F11 whose checkpoints were deleted by hand: no reply comes again, the conversation goes on', async () => {
    const { system } = stage();
    const { user, room, asked } = await ask('eli');
    await answerTo(system, room, asked);
    const session = `${room}:main:${user.userId}`;
    const prefix = system.keys.thread(partitionOf(session, system.partitions), encodeKeyPart(session));
    const keys = await system.redis.keys(`${prefix.replaceAll(/[[\]*?]/g, '\\$&')}*`);
    expect(keys.length).toBeGreaterThan(0);
    await system.process(worker).kill('SIGKILL');
    await system.redis.del(...keys);
    await system.start([worker]);
    const again = await user.say(room, 'How do I add an SSH key?');
    expect((await answerTo(system, room, again)).text).toMatch(/SSH/);
  });

  it('F12 between the interrupt and its commit: asks again under the same approval, with one prompt', async () => {
    const { system, deletions } = stage();
    const life = await doomed('worker.after-interrupt');
    const { user, room, asked } = await ask('flo', 'Please delete all records of project Beta');
    await life.revive();
    const prompt = await promptFor(system, asked);
    expect(prompt.approval).toBe(approvalIdOf(`${room}:main:${user.userId}`, asked, 'proposal:0'));
    const decision = await system.reviewers[1].react(system.adminRoom, prompt.event.event_id, '✅');
    await answerTo(system, room, decision);
    expect(deletions('Beta').applied).toBe(1);
  });

  it('F13 never has a prompt without a record: the record is there first, and a decision by code counts', async () => {
    const { system, deletions } = stage();
    await system.process('egress-1').kill('SIGKILL');
    const { user, room, asked } = await ask('gil', 'Please delete all records of project Ceti');
    const session = `${room}:main:${user.userId}`;
    const id = approvalIdOf(session, asked, 'proposal:0');
    const partition = partitionOf(session, system.partitions);
    await eventually(() => system.redis.exists(system.keys.approval(partition, id)), { what: 'the record' });
    await system.reviewers[2].say(system.adminRoom, `!vagent approve ${id.slice(0, 6)}`);
    await eventually(() => deletions('Ceti').applied === 1, { what: 'the action has run' });
    await system.start(['egress-1']);
    const prompt = await promptFor(system, asked);
    expect((await outcomeOf(system, prompt)).text).toMatch(/Approved by .*ruth/);
  });

  it('F14 while it resumes an approved action: the decision is delivered again, the action runs once', async () => {
    const { system, deletions } = stage();
    const { room, prompt } = await askForDeletion(system, 'hal', 'Delta');
    const life = await doomed('worker.before-resume');
    const decision = await system.reviewers[0].reply(system.adminRoom, prompt.event.event_id, 'approve');
    await life.revive();
    expect((await answerTo(system, room, decision)).text).toContain('Delta');
    expect(deletions('Delta')).toEqual({ applied: 1, calls: 1 });
  });
});
