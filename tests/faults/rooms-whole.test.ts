import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import type { MatrixEvent, MatrixUser } from '../support/matrix-user.ts';
import { startRedis } from '../support/start-redis.ts';
import { type System, startSystem } from '../support/start-system.ts';
import { answerTo, askForDeletion, outcomeOf, promptFor } from '../support/system-talk.ts';
import { readRoom, relationOf } from '../support/system-timeline.ts';
import { startToolServer, type ToolServer } from '../support/tool-server.ts';

const path = (room: string) => `/v3/rooms/${encodeURIComponent(room)}`;

describe('rooms as people use them', () => {
  const stack = new AsyncDisposableStack();
  let parts: { system: System; tools: ToolServer } | undefined;
  const stage = () => {
    if (parts === undefined) throw new Error('The system is not running yet');
    const { system, tools } = parts;
    const deletions = (project: string): { applied: number; calls: number } => {
      const calls = tools.calls.filter((call) => call.project === project);
      const keys = [...new Set(calls.map(({ key }) => key))];
      return {
        applied: keys.reduce((sum, key) => sum + (tools.applied.get(key) ?? 0), 0),
        calls: calls.length,
      };
    };
    return { system, deletions };
  };

  beforeAll(async () => {
    const redis = stack.use(await startRedis());
    const tools = stack.use(await startToolServer());
    const system = await startSystem({ redisUrl: redis.url, env: { RECORDS_URL: tools.url } });
    parts = { system: stack.use(system), tools };
  }, 60_000);
  afterAll(() => stack.disposeAsync(), 60_000);

  async function upgrade(user: MatrixUser, from: string, guests: readonly string[]): Promise<string> {
    const to = await user.createRoom({
      preset: 'private_chat',
      room_version: '12',
      creation_content: { predecessor: { room_id: from } },
      invite: [...guests],
    });
    const body = { body: 'This room has been replaced', replacement_room: to };
    await user.request('PUT', `${path(from)}/state/m.room.tombstone/`, { body });
    return to;
  }

  /** What the bot says in a room of which nobody else keeps track. Waits for it. */
  const saidIn = (user: MatrixUser, room: string, text: RegExp): Promise<MatrixEvent> =>
    eventually(
      async () => {
        const { said } = await readRoom({ roomId: room, reader: user, kind: 'direct' }, stage().system.botId);
        return said.find(({ event }) => text.test(String(event.content['body'])))?.event;
      },
      { withinMs: 20_000, everyMs: 50, what: `${text} is said in ${room}` },
    );

  it('a thread is a session of its own: answers, waiting and outcomes stay in it', async () => {
    const { system, deletions } = stage();
    const [ada, bob] = [await system.user('thea'), await system.user('theo')];
    const room = await system.group(ada, bob);
    const root = await bob.say(room, 'Let us talk here');
    const mention = system.botId;
    const asked = await ada.say(room, 'Please delete all records of project Threads', {
      thread: root,
      mention,
    });
    const prompt = await promptFor(system, asked);
    const inMain = await bob.say(room, 'How do I reset my 2FA?', { mention });
    await answerTo(system, room, inMain);
    await system.reviewers[0].reply(system.adminRoom, prompt.event.event_id, 'approve');
    await outcomeOf(system, prompt);
    await eventually(() => deletions('Threads').applied === 1);
    await eventually(async () => {
      const { said } = await readRoom({ roomId: room, reader: ada, kind: 'group' }, system.botId);
      const messages = said.filter(({ event }) => event.type === 'm.room.message');
      const ofThread = messages.filter(({ vagent }) => vagent.session.includes(root));
      const posts = ofThread.filter(({ edits }) => edits === undefined);
      const others = messages.filter(
        ({ vagent, edits }) => !ofThread.some((one) => one.vagent === vagent) && edits === undefined,
      );
      expect(posts.length).toBeGreaterThanOrEqual(2);
      expect(posts.map(({ event }) => relationOf(event).thread)).toEqual(posts.map(() => root));
      expect(others.map(({ event }) => relationOf(event).thread)).toEqual(others.map(() => undefined));
      return true;
    });
  });

  it('F62: a room is upgraded while somebody waits: the answer comes where it goes on, with all that was said', async () => {
    const { system, deletions } = stage();
    const { user, room, prompt } = await askForDeletion(system, 'umar', 'Upgraded');
    const next = await upgrade(user, room, [system.botId]);
    await saidIn(user, next, /goes on here/);
    await system.reviewers[0].reply(system.adminRoom, prompt.event.event_id, 'approve');
    await outcomeOf(system, prompt);
    await saidIn(user, next, /Upgraded/);
    expect(deletions('Upgraded')).toEqual({ applied: 1, calls: 1 });
    const asked = await user.say(next, 'How do I reset my 2FA?');
    await eventually(async () => {
      const { said } = await readRoom({ roomId: next, reader: user, kind: 'direct' }, system.botId);
      return said.some(({ vagent }) => vagent.turn === asked);
    });
  });

  it('F63: the bot is kicked while reviewers are asked: it expires with the reason, and nothing runs', async () => {
    const { system, deletions } = stage();
    const { user, room, prompt } = await askForDeletion(system, 'kim', 'Kicked');
    await user.request('POST', `${path(room)}/kick`, { body: { user_id: system.botId } });
    const outcome = await outcomeOf(system, prompt);
    expect(outcome.text).toContain('removed from the room');
    await system.reviewers[0].reply(system.adminRoom, prompt.event.event_id, 'approve');
    await eventually(async () => {
      const { said } = await readRoom(
        { roomId: system.adminRoom, reader: system.reviewers[0], kind: 'admin' },
        system.botId,
      );
      return said.some(({ event }) => String(event.content['body']).includes('already decided'));
    });
    expect(deletions('Kicked').calls).toBe(0);
    await user.invite(room, system.botId);
    const again = await eventually(async () => {
      const joined = (await user.timeline(room)).filter(
        ({ type, state_key, content }) =>
          type === 'm.room.member' && state_key === system.botId && content['membership'] === 'join',
      );
      return joined.length === 2;
    });
    expect(again).toBe(true);
    const asked = await user.say(room, 'How do I reset my 2FA?');
    expect((await answerTo(system, room, asked)).text).not.toBe('');
  });

  it('F62: the admin room is upgraded by a reviewer: what waits is asked anew there, and only there it is decided', async () => {
    const { system, deletions } = stage();
    const [rita, ron, ruth] = system.reviewers;
    const { prompt } = await askForDeletion(system, 'vera', 'Moved');
    const next = await upgrade(rita, system.adminRoom, [system.botId, ron.userId, ruth.userId]);
    await ron.join(next);
    const again = await saidIn(rita, next, new RegExp(prompt.code));
    await rita.reply(system.adminRoom, prompt.event.event_id, 'approve');
    await rita.say(next, 'talk among people');
    expect(deletions('Moved').calls).toBe(0);
    await ron.reply(next, again.event_id, 'approve');
    await eventually(() => deletions('Moved').applied === 1);
    const edited = await eventually(async () => {
      const { said } = await readRoom({ roomId: next, reader: rita, kind: 'admin' }, system.botId);
      return said.find(({ edits }) => edits === again.event_id);
    });
    expect(String(edited.event.content['body'])).toContain(ron.userId);
    expect(String(edited.event.content['body'])).not.toContain(`by ${rita.userId}`);
  });
});
