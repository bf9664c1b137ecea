import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { partitionOf } from '#contract/partition-of';
import { readSwitches } from '#operations/switches/read-switches';
import { setSwitch } from '#operations/switches/set-switch';
import type { SwitchScope } from '#operations/switches/switch';
import { eventually } from '../support/eventually.ts';
import { readRecord } from '../support/rooms-checker-approvals.ts';
import { type System, startSystem } from '../support/start-system.ts';
import { answerTo, askForDeletion, exchange, outcomeOf, promptFor } from '../support/system-talk.ts';
import { readRoom } from '../support/system-timeline.ts';
import { startToolServer, type ToolServer } from '../support/tool-server.ts';

const because = 'the store is being moved';
const by = '@olga:localhost';

describe('what an operator switches off, in real processes', () => {
  const stack = new AsyncDisposableStack();
  let system: System;
  let tools: ToolServer;
  let callsBefore = 0;

  beforeAll(async () => {
    tools = stack.use(await startToolServer());
    system = stack.use(
      await startSystem({
        redisUrl: inject('redisUrl'),
        replicas: { worker: 2 },
        env: { RECORDS_URL: tools.url },
      }),
    );
  }, 360_000);
  // What a test that failed has left off.
  beforeEach(async () => {
    callsBefore = tools.calls.length;
    for (const { scope, name } of await readSwitches(system)) await switchIt(scope, name, false);
  });
  afterAll(() => stack.disposeAsync(), 60_000);
  afterEach(({ task }) => {
    if (task.result?.state === 'fail')
      process.stderr.write(`\n=== Logs of "${task.name}"\n${system.logs()}\n`);
  });

  /** Switches, and waits until both workers have said so; resolves with how long that took, in ms. */
  async function switchIt(scope: SwitchScope, name: string, off: boolean): Promise<number> {
    const workers = system.processes('worker');
    const said = off ? `"because":"${because}"` : '';
    const count = () =>
      workers.map(
        ({ log }) =>
          log
            .split('\n')
            .filter((line) => line.includes(off ? 'switched off' : 'switched on again'))
            .filter((line) => line.includes(`"name":"${name}"`) && line.includes(said)).length,
      );
    const before = count();
    const began = performance.now();
    await setSwitch(system, { scope, name, off, because, by });
    const isKnown = () => count().every((now, index) => now === (before[index] ?? 0) + 1);
    await eventually(isKnown, { withinMs: 5_000, everyMs: 10, what: `${scope} ${name} is known to all` });
    return performance.now() - began;
  }

  const statusOf = async (approval: string, room: string, userId: string) =>
    (await readRecord(system, `${room}:main:${userId}`, approval))?.status;
  /** In this try of the test. */
  const deletionsOf = (project: string) =>
    tools.calls.slice(callsBefore).filter((call) => call.project === project).length;
  /** What became of a message, in the ledger of facts. */
  const outcomeIn = (room: string, userId: string, message: string) => {
    const partition = partitionOf(`${room}:main:${userId}`, system.partitions);
    return system.redis.get(system.keys.fact(partition, message));
  };
  const saidIn = async (roomId: string) => {
    const room = system.rooms.find((one) => one.roomId === roomId);
    if (room === undefined) throw new Error(`Nobody reads ${roomId}`);
    return (await readRoom(room, system.botId)).said.length;
  };

  it('is obeyed by two workers within a second, and on again as soon', async () => {
    const took: number[] = [];
    for (const off of [true, false, true, false, true, false])
      took.push(await switchIt('tool', 'search_knowledge', off));
    // A machine that stands still for a moment says nothing about them.
    expect(took.sort((a, b) => a - b)[2]).toBeLessThan(1_000);
  });

  it('a tool: it is not proposed any more, and works again when it is on', async () => {
    await switchIt('tool', 'delete_records', true);
    const user = await system.user('tilda');
    const room = await system.direct(user);
    const refused = await exchange(system, user, room, 'Please delete all records of project Lyra');
    expect(refused.text).toMatch(/switched off/);
    expect(refused.text).not.toContain(because);
    await switchIt('tool', 'delete_records', false);
    const message = await user.say(room, 'Please delete all records of project Lyra');
    const prompt = await promptFor(system, message);
    const approve = await system.reviewers[0].react(system.adminRoom, prompt.event.event_id, '✅');
    await answerTo(system, room, approve);
    expect(deletionsOf('Lyra')).toBe(1);
  });

  it('a tool: an action that is approved does not run, and the outcome says who switched it off', async () => {
    const { user, room, prompt } = await askForDeletion(system, 'tom', 'Draco');
    await switchIt('tool', 'delete_records', true);
    const approve = await system.reviewers[0].react(system.adminRoom, prompt.event.event_id, '✅');
    const told = await answerTo(system, room, approve);
    expect(told.text).toMatch(/refused when it was about to run/);
    expect(told.text).toContain(`switched off by ${by}`);
    expect(told.text).toMatch(/ask again when it is on/);
    expect((await outcomeOf(system, prompt)).text).toContain(because);
    expect(await statusOf(prompt.approval, room, user.userId)).toBe('approved');
    const partition = partitionOf(`${room}:main:${user.userId}`, system.partitions);
    const audit = await system.redis.xrange(system.keys.stream(partition, 'audit'), '-', '+');
    const lines = audit
      .map(([, fields]) => fields.join(' '))
      .filter((line) => line.includes(prompt.approval));
    expect(lines.some((line) => line.includes('permit.started'))).toBe(false);
    expect(lines.some((line) => line.includes('decision.counted'))).toBe(true);
    expect(deletionsOf('Draco')).toBe(0);
    await switchIt('tool', 'delete_records', false);
    const again = await user.say(room, 'Please delete all records of project Draco');
    const next = await promptFor(system, again);
    const yes = await system.reviewers[1].react(system.adminRoom, next.event.event_id, '✅');
    await answerTo(system, room, yes);
    expect(deletionsOf('Draco')).toBe(1);
  });

  it('an agent: a person is asked in its place, with a summary', async () => {
    await switchIt('agent', 'editor_assistant', true);
    const user = await system.user('ada');
    const room = await system.direct(user);
    const message = await user.say(
      room,
      'The editor assistant shows no suggestions any more since this morning.',
    );
    const prompt = await promptFor(system, message);
    expect(prompt.text).toContain('hand_off');
    expect(prompt.text).toContain('The agent editor_assistant is switched off');
    expect(prompt.text).toContain('shows no suggestions any more');
    await switchIt('agent', 'editor_assistant', false);
  });

  it('a room: one notice, messages are kept, nothing runs that is approved, and it answers when it is on', async () => {
    const { user, room, prompt } = await askForDeletion(system, 'rosa', 'Corvus');
    const other = await system.user('otto');
    const elsewhere = await system.direct(other);
    await switchIt('room', room, true);
    const first = await exchange(system, user, room, 'hello?');
    expect(first.text).toMatch(/switched off here/);
    const before = await saidIn(room);
    const silent = await user.say(room, 'is anybody there?');
    await eventually(async () => (await outcomeIn(room, user.userId, silent)) === 'done:switched_off');
    // Another room is none of its business; and by its answer whatever there was to say here has been said.
    expect((await exchange(system, other, elsewhere, 'hello')).text).not.toMatch(/switched off/);
    expect(await saidIn(room)).toBe(before);
    const approve = await system.reviewers[0].react(system.adminRoom, prompt.event.event_id, '✅');
    expect((await answerTo(system, room, approve)).text).toContain(`This room is switched off by ${by}`);
    expect(deletionsOf('Corvus')).toBe(0);
    expect(await statusOf(prompt.approval, room, user.userId)).toBe('approved');
    await switchIt('room', room, false);
    expect((await exchange(system, user, room, 'hello again')).text).not.toMatch(/switched off/);
  });

  it('everything: nobody is answered, nothing runs, and all works again when it is on', async () => {
    const { user, room, prompt } = await askForDeletion(system, 'elsa', 'Hydra');
    await switchIt('all', '*', true);
    const stranger = await system.user('emil');
    const fresh = await system.direct(stranger);
    for (const [who, where] of [
      [user, room],
      [stranger, fresh],
    ] as const)
      expect((await exchange(system, who, where, 'hello?')).text).toMatch(/switched off here/);
    const approve = await system.reviewers[0].react(system.adminRoom, prompt.event.event_id, '✅');
    expect((await answerTo(system, room, approve)).text).toContain(`switched off by ${by}`);
    expect(deletionsOf('Hydra')).toBe(0);
    await switchIt('all', '*', false);
    expect((await exchange(system, stranger, fresh, 'hello again')).text).not.toMatch(/switched off/);
  });
}, 180_000);
