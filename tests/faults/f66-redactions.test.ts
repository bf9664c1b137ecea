import { describe, expect, it } from 'vitest';
import { partitionOf } from '#contract/partition-of';
import { eventually } from '../support/eventually.ts';
import { findWords } from '../support/find-words.ts';
import { useStage } from '../support/system-stage.ts';
import { answerTo, noticeUnder, promptFor } from '../support/system-talk.ts';

/** Each test has words of its own, which nobody else says. */
let tests = 0;
const newCanary = (): string => `canary-${String.fromCharCode(97 + tests++)}k3v9`;

describe('F66: three workers, a model and a room', () => {
  const stage = useStage({ replicas: { worker: 3 }, withModel: true, checkpoints: false });

  const wordsInRedis = async (canary: string): Promise<string[]> => {
    const { system } = stage();
    return findWords(system.redis, system.keys.settings().replace(/:settings$/, ''), canary);
  };
  const outcomeOf = async (room: string, user: string, event: string): Promise<string | null> => {
    const { system } = stage();
    return system.redis.get(system.keys.fact(partitionOf(`${room}:main:${user}`, system.partitions), event));
  };
  /** What the bot has in the room that can still be read, of whatever kind. */
  const readable = async (room: string): Promise<string> => {
    const { system } = stage();
    const events = (await system.rooms.find(({ roomId }) => roomId === room)?.reader.timeline(room)) ?? [];
    return JSON.stringify(
      events.filter(({ sender }) => sender === system.botId).map(({ content }) => content),
    );
  };

  it('a question redacted while the model writes: nothing is posted, the drafts go, no word is left', async () => {
    const canary = newCanary();
    const { system, model } = stage();
    model.on(new RegExp(canary), [{ kind: 'hang', text: `You wrote ${canary}, and that is ` }], null);
    const user = await system.user('una');
    const room = await system.direct(user);
    const asked = await user.say(room, `What is ${canary}?`);
    await eventually(async () => (await readable(room)).includes(canary), { what: 'the draft is shown' });
    const redaction = await user.redact(room, asked);
    await eventually(async () => (await outcomeOf(room, user.userId, redaction)) === 'done:erased', {
      what: 'the message is erased',
    });
    expect(await outcomeOf(room, user.userId, asked)).toBe('done:redacted');
    await eventually(async () => !(await readable(room)).includes(canary), { what: 'the draft is gone' });
    await eventually(async () => (await wordsInRedis(canary)).length === 0, {
      what: 'Redis has forgotten it',
    });
    const next = await user.say(room, 'How do I reset my 2FA?');
    expect((await answerTo(system, room, next)).kind).toBe('reply');
  });

  it('a question redacted after its answer: both are gone from the room, and from all of Redis', async () => {
    const canary = newCanary();
    const { system, model } = stage();
    const long = `${`You wrote ${canary}. `.repeat(60)}\n\n`.repeat(12);
    model.on(new RegExp(canary), [{ kind: 'text', text: long }], null);
    const user = await system.user('uli');
    const room = await system.direct(user);
    const before = await user.say(room, 'How do I add an SSH key?');
    const kept = await answerTo(system, room, before);
    const asked = await user.say(room, `What is ${canary}?`);
    expect((await answerTo(system, room, asked)).kind).toBe('reply');
    expect((await wordsInRedis(canary)).length).toBeGreaterThan(2);
    await user.redact(room, asked);
    await eventually(async () => (await wordsInRedis(canary)).length === 0, {
      what: 'Redis has forgotten it',
    });
    await eventually(async () => !(await readable(room)).includes(canary), { what: 'the answer is gone' });
    expect((await user.event(room, kept.event.event_id)).content['body']).toBeDefined();
  });

  it('a request redacted while a reviewer has its prompt: withdrawn, and the prompt is gone too', async () => {
    const canary = newCanary();
    const { system, deletions } = stage();
    const user = await system.user('ute');
    const room = await system.direct(user);
    const asked = await user.say(room, `Please delete all records of project ${canary}`);
    await eventually(async () => (await readable(system.adminRoom)).includes(canary), { what: 'the prompt' });
    await user.redact(room, asked);
    await eventually(async () => !(await readable(system.adminRoom)).includes(canary), {
      what: 'the prompt is gone',
    });
    await eventually(async () => (await wordsInRedis(canary)).length === 0, {
      what: 'Redis has forgotten it',
    });
    expect(deletions(canary)).toEqual({ applied: 0, calls: 0 });
  });

  it('words that were passed on to a person are gone from their room too', async () => {
    const canary = newCanary();
    const { system, model } = stage();
    const [rita] = system.reviewers;
    const wish = { name: 'understand', arguments: { commands: [{ command: 'hand_off' }] } };
    model.on(/a person, please/, [{ kind: 'calls', calls: [wish] }], 'understand');
    const user = await system.user('uta');
    const room = await system.direct(user);
    const prompt = await promptFor(system, await user.say(room, 'Let me talk to a person, please'));
    const taken = await rita.say(system.adminRoom, `!vagent approve ${prompt.code}`);
    await answerTo(system, room, taken);
    const passedOn = await user.say(room, `My word is ${canary}`);
    const kept = await user.say(room, 'And nothing else');
    await noticeUnder(system, prompt, 'And nothing else');
    expect(await readable(system.adminRoom)).toContain(canary);
    await user.redact(room, passedOn);
    await eventually(async () => !(await readable(system.adminRoom)).includes(canary), {
      what: 'the notice is gone',
    });
    await eventually(async () => (await wordsInRedis(canary)).length === 0, {
      what: 'Redis has forgotten it',
    });
    expect(await readable(system.adminRoom)).toContain('And nothing else');
    expect(await outcomeOf(room, user.userId, kept)).toMatch(/^done:/);
  });

  it('a redaction whose workers die before its commit, one after the other, is carried out by the next', async () => {
    const canary = newCanary();
    const { system, model } = stage();
    model.on(new RegExp(canary), [{ kind: 'text', text: `You wrote ${canary}.` }], null);
    const user = await system.user('udo');
    const room = await system.direct(user);
    const asked = await user.say(room, `What is ${canary}?`);
    await answerTo(system, room, asked);
    const names = system.processes('worker').map(({ name }) => name);
    await Promise.all(names.map((name) => system.process(name).kill('SIGKILL')));
    await system.start(names, { FAILPOINT: 'worker.before-commit:kill' });
    const redaction = await user.redact(room, asked);
    await eventually(() => names.every((name) => !system.process(name).isRunning), {
      withinMs: 20_000,
      what: 'all three have died of it',
    });
    expect(await wordsInRedis(canary)).not.toEqual([]);
    await system.start(names);
    await eventually(async () => (await outcomeOf(room, user.userId, redaction)) === 'done:erased', {
      what: 'the message is erased',
    });
    await eventually(async () => (await wordsInRedis(canary)).length === 0, {
      what: 'Redis has forgotten it',
    });
    await eventually(async () => !(await readable(room)).includes(canary), { what: 'the answer is gone' });
  });
});
