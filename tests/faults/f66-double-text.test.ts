import { describe, expect, it } from 'vitest';
import { partitionOf } from '#contract/partition-of';
import type { DoubleText } from '#playbook/policies';
import { eventually } from '../support/eventually.ts';
import { useStage } from '../support/system-stage.ts';
import { answerTo } from '../support/system-talk.ts';

const title = '# Who decides, and what is watched.';

/** The example playbook with this policy, three workers and a model that never comes to the end of a story. */
function useMessages(doubleText: DoubleText) {
  const edit = [title, `messages: { doubleText: ${doubleText} }\n${title}`] as const;
  const stage = useStage({
    replicas: { worker: 3 },
    withModel: true,
    // Of which the deaths on purpose are three.
    env: { MAX_ATTEMPTS: '10' },
    checkpoints: false,
    playbook: { 'policies.yaml': [edit] },
  });
  const readable = async (room: string): Promise<string> => {
    const { system } = stage();
    const events = (await system.rooms.find(({ roomId }) => roomId === room)?.reader.timeline(room)) ?? [];
    return JSON.stringify(events.filter(({ sender }) => sender === system.botId));
  };
  return {
    stage,
    readable,
    /** Two messages of one person, the second while the first is being answered. */
    writeTwice: async (name: string) => {
      const { system, model } = stage();
      model.on(
        /^[^\n]*a long story[^\n]*$/,
        [{ kind: 'hang', text: 'Once upon a time, in a land far away, ' }],
        null,
      );
      const user = await system.user(name);
      const room = await system.direct(user);
      const first = await user.say(room, 'Tell me a long story about tokens');
      await eventually(async () => (await readable(room)).includes('Once upon a time'), {
        what: 'the draft is shown',
      });
      const ends = (event: string): Promise<string> =>
        eventually(
          async () => {
            const partition = partitionOf(`${room}:main:${user.userId}`, system.partitions);
            const word = await system.redis.get(system.keys.fact(partition, event));
            return word?.startsWith('done:') ? word.slice(5) : undefined;
          },
          { withinMs: 20_000, what: `the end of ${event}` },
        );
      return { user, room, first, ends };
    },
    /** The next commit of each worker is the end of it; all are started again when they have died. */
    killAtCommit: async (cause: () => Promise<string>): Promise<string> => {
      const { system } = stage();
      const names = system.processes('worker').map(({ name }) => name);
      await Promise.all(names.map((name) => system.process(name).kill('SIGKILL')));
      await system.start(names, { FAILPOINT: 'worker.before-commit:kill' });
      const id = await cause();
      await eventually(() => names.every((name) => !system.process(name).isRunning), {
        withinMs: 20_000,
        what: 'all three have died',
      });
      await system.start(names);
      return id;
    },
  };
}

describe('F66: a second message under interrupt, with three workers', () => {
  const { stage, readable, writeTwice, killAtCommit } = useMessages('interrupt');

  it('takes the drafts of the first back, and one reply answers both', async () => {
    const { user, room, first, ends } = await writeTwice('ida');
    const second = await user.say(room, 'How do I reset my 2FA?');
    expect((await answerTo(stage().system, room, second)).kind).toBe('reply');
    expect(await ends(first)).toBe('interrupted');
    expect(await ends(second)).toBe('replied');
    await eventually(async () => !(await readable(room)).includes('Once upon a time'), {
      what: 'the draft is gone',
    });
    const asked = stage().model.requests.map(({ messages }) => JSON.stringify(messages.at(-1)));
    expect(asked.some((text) => text.includes('a long story') && text.includes('2FA'))).toBe(true);
  });

  it('comes to the same where the workers die in the middle of it, one after the other', async () => {
    const { user, room, first, ends } = await writeTwice('ivo');
    const second = await killAtCommit(() => user.say(room, 'How do I reset my 2FA?'));
    expect((await answerTo(stage().system, room, second)).kind).toBe('reply');
    expect(await ends(first)).toBe('interrupted');
    expect(await ends(second)).toBe('replied');
  });
});

describe('F66: a second message under rollback, with three workers', () => {
  const { stage, writeTwice, killAtCommit } = useMessages('rollback');

  it('is answered as if the first had never been written, also where the workers die in the middle', async () => {
    const { user, room, first, ends } = await writeTwice('rob');
    const second = await killAtCommit(() => user.say(room, 'How do I reset my 2FA?'));
    expect((await answerTo(stage().system, room, second)).kind).toBe('reply');
    expect(await ends(first)).toBe('rolled_back');
    expect(await ends(second)).toBe('replied');
    const asked = stage().model.requests.map(({ messages }) => JSON.stringify(messages.at(-1)));
    expect(asked.some((text) => text.includes('a long story') && text.includes('2FA'))).toBe(false);
  });
});
