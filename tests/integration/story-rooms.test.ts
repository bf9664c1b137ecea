import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { partitionOf } from '#contract/partition-of';
import type { Story } from '#operations/story/story';
import { tellStory } from '#operations/story/tell-story';
import type { Transport } from '#streams/open-transport';
import { eventually } from '../support/eventually.ts';
import type { MatrixUser } from '../support/matrix-user.ts';
import { type System, startSystem } from '../support/start-system.ts';
import { answerTo, outcomeOf, promptFor } from '../support/system-talk.ts';
import { runCli } from './cli-process.ts';

const redisUrl = inject('redisUrl');
const payloadKey = randomBytes(32).toString('base64');
const worker = 'worker-1';
let system: System;
let ana: MatrixUser;
let room: string;
let env: Record<string, string>;

beforeAll(async () => {
  system = await startSystem({ redisUrl, env: { PAYLOAD_KEY: payloadKey } });
  ana = await system.user('ana');
  room = await system.direct(ana);
  const prefix = system.keys.settings().replace(/:settings$/, '');
  env = {
    REDIS_URL: redisUrl,
    KEY_PREFIX: prefix,
    PAYLOAD_KEY: payloadKey,
    VAGENT_DIR: '/nonexistent/vagent',
  };
}, 180_000);
afterAll(() => system[Symbol.asyncDispose]());

const told = (event: string): Promise<Story> => {
  const { redis, keys, partitions, openBody } = system;
  // What telling reads of a transport.
  return tellStory({ redis, keys, partitions, openBody } as unknown as Transport, event);
};
const wordsOf = ({ lines }: Story): string =>
  lines.map(({ text, details }) => [text, ...details].join('; ')).join('\n');
const vagent = (...args: string[]) => runCli(args, env);

async function ask(text: string): Promise<{ asked: string; reply: string }> {
  const asked = await ana.say(room, text);
  const { event } = await answerTo(system, room, asked);
  return { asked, reply: event.event_id };
}

/** Told when it is known that the reply was posted: that is written after the post itself. */
async function toldOf(event: string, kind: string, nth = 1): Promise<Story> {
  return eventually(async () => {
    const story = await told(event).catch(() => undefined);
    return (
      story !== undefined &&
      story.lines.filter((line) => line.kind === kind && line.at !== null).length >= nth &&
      story
    );
  });
}

describe('why', () => {
  it('tells of a plain reply, asked by the message, by the reply, in the terminal and as JSON', async () => {
    const { asked, reply } = await ask('How do I reset my 2FA?');
    const story = await toldOf(reply, 'posted');
    expect(story).toMatchObject({ event: reply, gaps: [], approvals: [] });
    expect(story.turn).toMatchObject({ turn: asked, attempt: 1, outcome: 'replied', replies: [asked] });
    expect(story.lines.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['received', 'turn', 'understood', 'step', 'posted']),
    );
    expect(wordsOf(story)).toContain(`A message was received from ${ana.userId}`);
    expect(wordsOf(story)).toContain('account_security');
    expect((await told(asked)).turn).toEqual(story.turn);
    const shown = await vagent('why', reply);
    expect(shown).toMatchObject({ code: 0, stderr: '' });
    expect(shown.stdout).toContain(`Why ${reply}`);
    expect(shown.stdout).toContain('The reply was posted');
    const json = await vagent('why', asked, '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({ event: asked, turn: { turn: asked } });
  });

  it('tells of an approved action from start to end: who was asked, who decided how, what ran, what was posted', async () => {
    const asked = await ana.say(room, 'Please delete all records of project Apollo');
    const prompt = await promptFor(system, asked);
    const waiting = await eventually(async () => {
      const story = await told(prompt.event.event_id).catch(() => undefined);
      return story?.lines.some(({ kind }) => kind === 'waiting') && story;
    });
    expect(wordsOf(waiting)).toContain(`Approval ${prompt.code} waits for a reviewer`);
    const [rita] = system.reviewers;
    const decision = await rita.reply(system.adminRoom, prompt.event.event_id, 'approve');
    const { event } = await answerTo(system, room, decision);
    const story = await toldOf(event.event_id, 'posted');
    expect(story.turns.map(({ turn }) => turn)).toEqual([asked, decision]);
    expect(story.approvals.map(({ id }) => id)).toEqual([prompt.approval]);
    const words = wordsOf(story);
    const inOrder = [
      'A message was received',
      'Understood as start_flow delete_records',
      'Tool delete_records may not run without an approval',
      `Reviewers were asked for delete_records (code ${prompt.code})`,
      `prompt ${prompt.event.event_id}`,
      'A decision was received',
      `${rita.userId} approved ${prompt.code}; by reply`,
      'The permit for action 1',
      'Tool delete_records was used; approved',
      `The reply was posted; ${event.event_id}`,
    ];
    const places = inOrder.map((part) => words.indexOf(part));
    expect(
      places.every((place) => place >= 0),
      words,
    ).toBe(true);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    for (const about of [
      asked,
      decision,
      prompt.approval,
      prompt.code.toLowerCase(),
      prompt.event.event_id,
    ]) {
      expect((await told(about)).turns.map(({ turn }) => turn)).toEqual([asked, decision]);
    }
    // What the message said is nowhere in the accounts.
    expect(JSON.stringify(story.turns)).not.toContain('Apollo');
  });

  it('tells of attempts that did not end, where a worker was killed', async () => {
    await system.restart(worker, { FAILPOINT: 'worker.before-commit:kill' });
    const asked = await ana.say(room, 'How do I reset my 2FA?');
    expect((await system.process(worker).ended()).signal).toBe('SIGKILL');
    await system.start([worker]);
    const { event } = await answerTo(system, room, asked);
    const story = await toldOf(event.event_id, 'posted');
    expect(story.turn?.attempt).toBe(2);
    expect(wordsOf(story)).toContain('One attempt before it did not end');
  }, 360_000);

  it('tells of a message that was given up, and of its replay', async () => {
    await ask('hello');
    await system.restart(worker, { FAILPOINT: 'worker.before-turn:throw', MAX_ATTEMPTS: '1' });
    const asked = await ana.say(room, 'How do I reset my 2FA?');
    const { event, kind } = await answerTo(system, room, asked);
    expect(kind).toBe('failed');
    const story = await eventually(() => told(event.event_id).catch(() => undefined));
    expect(story).toMatchObject({ turn: null, turns: [] });
    expect(wordsOf(story)).toContain('It was given up after 1 attempt');
    const letter = /dead letter (\S+):/.exec(wordsOf(story))?.[1] ?? '';
    await system.restart(worker);
    const dry = await vagent('dead', 'replay', letter, '--dry-run');
    expect(dry.stdout).toContain('would be appended to inbound again');
    expect(dry.stdout).toContain(`its fact ${asked} (now: given up) would count as never handled`);
    expect(dry.stdout).toContain('is alive');
    expect(dry.stdout).toContain('Nothing was changed');
    expect(await told(asked)).toMatchObject({ turn: null });
    expect((await vagent('dead', 'replay', letter, '--yes')).code).toBe(0);
    const again = await eventually(async () => {
      const now = await told(asked);
      return now.turn !== null && now;
    });
    expect(wordsOf(again)).toMatch(/It had been given up, and was replayed by cli:/);
  }, 360_000);

  it('says what it does not know, and refuses what is no id', async () => {
    const unknown = await vagent('why', '$nobody-knows-this');
    expect(unknown).toMatchObject({ code: 1, stdout: '' });
    expect(unknown.stderr).toContain('Nothing is known of "$nobody-knows-this"');
    for (const glob of ['*', '$*', '$[a-z]?', '{0}']) {
      await expect(told(glob)).rejects.toMatchObject({ name: 'NotFoundError' });
    }
    for (const hostile of ['$a\u001b[2J', '$\u202eabc', '$a\nb', '', ' ', `$${'x'.repeat(600)}`]) {
      await expect(told(hostile)).rejects.toMatchObject({ name: 'BadRequestError' });
    }
    const steering = await vagent('why', '$a\u001b[2J');
    expect(steering.code).toBe(2);
    expect(steering.stderr).not.toContain('\u001b');
  });

  it('says that the account is gone when the conversation was reset', async () => {
    const bob = await system.user('bob');
    const other = await system.direct(bob);
    const asked = await bob.say(other, 'How do I reset my 2FA?');
    await answerTo(system, other, asked);
    const { session } = await toldOf(asked, 'posted');
    expect((await vagent('sessions', 'reset', session, '--yes')).code).toBe(0);
    const story = await eventually(async () => {
      const now = await told(asked);
      return now.turn === null && now;
    });
    expect(story.gaps.join(' ')).toContain('the conversation was reset at');
    expect(wordsOf(story)).toContain('It ended: replied');
    const key = system.keys.turns(partitionOf(session, system.partitions), session);
    expect(await system.redis.llen(key)).toBe(1);
  });
});

describe('!vagent why', () => {
  const noticesTo = async (user: MatrixUser, place: string, command: string) => {
    const events = await user.timeline(place);
    return events.filter(
      ({ sender, content }) =>
        sender === system.botId && JSON.stringify(content['m.relates_to'] ?? {}).includes(command),
    );
  };

  it('is answered in the admin room, once, whether the event is answered or named', async () => {
    const asked = await ana.say(room, 'Please delete all records of project Zeus');
    const prompt = await promptFor(system, asked);
    const [rita] = system.reviewers;
    const byReply = await rita.reply(system.adminRoom, prompt.event.event_id, '!vagent why');
    const byName = await rita.say(system.adminRoom, `!vagent why ${asked}`);
    for (const command of [byReply, byName]) {
      const [notice] = await eventually(async () => {
        const found = await noticesTo(rita, system.adminRoom, command);
        return found.length > 0 && found;
      });
      expect(notice?.content['body']).toContain('A message was received');
      expect(notice?.content['body']).toContain(prompt.code);
      expect(notice?.content['formatted_body']).toContain('<li>');
    }
    // A restarted ingress reads the same events again at most: the transaction id keeps it at one answer.
    await system.restart('ingress-1');
    const done = await rita.reply(system.adminRoom, prompt.event.event_id, 'reject because of the test');
    await outcomeOf(system, prompt);
    await answerTo(system, room, done);
    expect(await noticesTo(rita, system.adminRoom, byReply)).toHaveLength(1);
    expect(await noticesTo(rita, system.adminRoom, byName)).toHaveLength(1);
  });

  it('tells nothing to somebody who is no reviewer, nor in any other room', async () => {
    const { reply } = await ask('How do I reset my 2FA?');
    const mallory = await system.user('mallory');
    const [rita] = system.reviewers;
    await rita.invite(system.adminRoom, mallory.userId);
    await mallory.join(system.adminRoom);
    const command = await mallory.say(system.adminRoom, `!vagent why ${reply}`);
    const [refusal] = await eventually(async () => {
      const found = await noticesTo(mallory, system.adminRoom, command);
      return found.length > 0 && found;
    });
    expect(refusal?.content['body']).toBe('Only reviewers may ask why.');
    const elsewhere = await ana.say(room, `!vagent why ${reply}`);
    const { text } = await answerTo(system, room, elsewhere);
    expect(text).not.toContain('was received');
    expect(text).not.toContain('partition');
  });

  it('says so where nothing is known, and where nothing is named', async () => {
    const [rita] = system.reviewers;
    for (const [command, says] of [
      ['!vagent why', 'Why what?'],
      ['!vagent why $unknown*', 'Nothing is known of'],
    ] as const) {
      const asked = await rita.say(system.adminRoom, command);
      const [notice] = await eventually(async () => {
        const found = await noticesTo(rita, system.adminRoom, asked);
        return found.length > 0 && found;
      });
      expect(notice?.content['body']).toContain(says);
    }
  });
});
