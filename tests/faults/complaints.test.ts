import { describe, expect, inject, it } from 'vitest';
import { partitionOf } from '#contract/partition-of';
import { formatSessionId } from '#contract/session-id';
import { verifyChain } from '#streams/audit-chain';
import { createPublisher } from '#streams/publish';
import { readRecord } from '../support/rooms-checker-approvals.ts';
import { useStage } from '../support/system-stage.ts';
import {
  answerTo,
  askForDeletion,
  exchange,
  outcomeOf,
  promptFor,
  toldAbout,
} from '../support/system-talk.ts';
import { readRoom, shownText } from '../support/system-timeline.ts';
import { startWorkerStage } from '../support/worker-stage.ts';
import { describeBots, describeTwoPeople } from './complaints-suite.ts';

const question = 'How do I reset my 2FA?';
const redisUrl = inject('redisUrl');

let projects = 0;
/** A project that no test, and no first try of one, has had. */
function projectOf(name: string): string {
  projects += 1;
  return `${name}-${projects}`;
}

/** What users of other systems complained about: features.md, complaints 1, 4 and 7. The others are F-tests. */
describe('complaints', () => {
  // Raising a budget expires soon; deleting records does not.
  const stage = useStage({
    replicas: { worker: 2 },
    playbook: {
      'policies.yaml': [
        ['    expiresIn: 8h\n    reminders: [30m, 4h]', '    expiresIn: 3s\n    reminders: [1s]'],
      ],
    },
  });

  it('complaint 1: two concurrent decisions run an action once', async () => {
    const { system, deletions } = stage();
    const [rita, ron, ruth] = system.reviewers;
    const project = projectOf('Ara');
    const { room, prompt } = await askForDeletion(system, 'ada', project);
    const { event_id } = prompt.event;
    const decisions = await Promise.all([
      rita.react(system.adminRoom, event_id, '✅'),
      ron.reply(system.adminRoom, event_id, 'approve'),
      ruth.say(system.adminRoom, `!vagent approve ${prompt.code}`),
    ]);
    const { turn } = await outcomeOf(system, prompt);
    expect((await answerTo(system, room, turn)).text).toContain(project);
    for (const late of decisions.filter((decision) => decision !== turn)) {
      expect((await toldAbout(system, late)).text).toContain('already decided by');
    }
    expect(deletions(project)).toEqual({ applied: 1, calls: 1 });
  });

  it('complaint 1: a rejected call never runs, whatever is said after it', async () => {
    const { system, deletions } = stage();
    const [rita, ron] = system.reviewers;
    const project = projectOf('Antlia');
    const { room, prompt } = await askForDeletion(system, 'abe', project);
    const no = await rita.react(system.adminRoom, prompt.event.event_id, '❌');
    expect((await answerTo(system, room, no)).text).toContain('Nothing was run');
    const late = await ron.reply(system.adminRoom, prompt.event.event_id, 'approve');
    expect((await toldAbout(system, late)).text).toMatch(/already decided by .*rita.*rejected/);
    expect(deletions(project).calls).toBe(0);
  });

  it('complaint 1: an approval is bound to its arguments', async () => {
    await using worker = await startWorkerStage(redisUrl);
    await worker.say('Please delete all records of project Apollo');
    const { approval } = (await worker.output('approvals', 'approval.requested')).body;
    const key = worker.keys.approval(worker.partition, approval.id);
    const actions = approval.actions.map((action) => ({ ...action, args: { project: 'Gemini' } }));
    await worker.redis.hset(key, 'record', JSON.stringify({ ...approval, actions }));
    await worker.decide(approval.id, {});
    const reply = await worker.output('outbound', 'reply.finished');
    expect(reply.body.text).toMatch(/refused when it was about to run. Nothing was run/);
    expect(worker.calls).toEqual([]);
  });

  it('complaint 1: everybody can see who approved, and the audit proves it', async () => {
    const { system } = stage();
    const { user, room, prompt } = await askForDeletion(system, 'cat', projectOf('Auriga'));
    const [, ron] = system.reviewers;
    const decision = await ron.react(system.adminRoom, prompt.event.event_id, '✅');
    expect((await answerTo(system, room, decision)).text).toContain(`Approved by ${ron.userId}`);
    expect((await outcomeOf(system, prompt)).text).toContain(`Approved by ${ron.userId}`);
    const partition = partitionOf(`${room}:main:${user.userId}`, system.partitions);
    const raw = await system.redis.xrange(system.keys.stream(partition, 'audit'), '-', '+');
    const counted = raw.find(
      ([, fields]) => fields.includes('decision.counted') && fields.includes(decision),
    );
    expect(counted?.[1]).toContain(ron.userId);
    const head = await system.redis.hget(system.keys.auditHead(partition), 'hash');
    const lines = raw.map(([id, fields]) => ({ id, fields }));
    expect(verifyChain(lines, head)).toMatchObject({ isIntact: true });
  });

  it('complaint 1: no member of the admin room approves who is no reviewer', async () => {
    const { system, deletions } = stage();
    const project = projectOf('Bootes');
    const { prompt, user, room } = await askForDeletion(system, 'dot', project);
    const mallory = await system.user('mallory');
    await system.reviewers[0].invite(system.adminRoom, mallory.userId);
    await mallory.join(system.adminRoom);
    const forged = await mallory.react(system.adminRoom, prompt.event.event_id, '✅');
    expect((await toldAbout(system, forged)).text).toContain('not a reviewer');
    const record = await readRecord(system, `${room}:main:${user.userId}`, prompt.approval);
    expect(record).toMatchObject({ status: 'pending', decided: [] });
    expect(deletions(project).calls).toBe(0);
  });

  it('complaint 1: an empty list of reviewers lets nobody approve, and starts no worker', async () => {
    await using worker = await startWorkerStage(redisUrl, { policy: { reviewers: [] } });
    await worker.say('Please delete all records of project Apollo');
    const { approval } = (await worker.output('approvals', 'approval.requested')).body;
    for (const by of ['@rita:localhost', '@ana:localhost', '@mallory:localhost'])
      await worker.decide(approval.id, { by });
    const told = await worker.output('approvals', 'approval.resolved', 3);
    expect(told.body).toMatchObject({ notice: 'refused', status: 'pending' });
    expect(worker.calls).toEqual([]);

    const { system } = stage();
    const second = system.process('worker-2');
    if (!second.isRunning) await system.start(['worker-2']);
    await second.kill('SIGTERM');
    await second.start({ REVIEWERS: '' });
    expect((await second.ended()).code).not.toBe(0);
    expect(second.log).toMatch(/REVIEWERS/);
    await system.start(['worker-2']);
  });

  it('complaint 1: an approval survives the restart of everything', async () => {
    const { system, redis, deletions } = stage();
    const project = projectOf('Caelum');
    const { room, prompt } = await askForDeletion(system, 'eva', project);
    await Promise.all(system.processes().map((one) => one.kill('SIGKILL')));
    await redis.kill();
    await redis.start();
    await system.start(system.processes().map(({ name }) => name));
    const decision = await system.reviewers[0].react(system.adminRoom, prompt.event.event_id, '✅');
    expect((await answerTo(system, room, decision)).text).toContain(project);
    expect(deletions(project)).toEqual({ applied: 1, calls: 1 });
  });

  it('complaint 1: an approval that nobody gives expires', async () => {
    const { system } = stage();
    const user = await system.user('fay');
    const room = await system.direct(user);
    const asked = await exchange(system, user, room, 'raise the CI budget of acme to 800');
    const prompt = await promptFor(system, asked.message);
    const outcome = await outcomeOf(system, prompt, 30_000);
    expect(outcome.text).toContain('Expired');
    expect((await answerTo(system, room, outcome.turn)).text).toContain('Nobody decided in time');
    const late = await system.reviewers[1].reply(system.adminRoom, prompt.event.event_id, 'approve');
    expect((await toldAbout(system, late)).text).toMatch(/already decided.*expired/);
  });

  it('complaint 1: a late duplicate answer never approves the next question', async () => {
    const { system, deletions } = stage();
    const [rita] = system.reviewers;
    const [one, other] = [projectOf('Carina'), projectOf('Cepheus')];
    const first = await askForDeletion(system, 'gil', one);
    const yes = await rita.react(system.adminRoom, first.prompt.event.event_id, '✅');
    await answerTo(system, first.room, yes);
    const next = await first.user.say(first.room, `Please delete all records of project ${other}`);
    const { approval } = await promptFor(system, next);
    const again = await rita.reply(system.adminRoom, first.prompt.event.event_id, 'approve');
    const command = await rita.say(system.adminRoom, `!vagent approve ${first.prompt.code}`);
    for (const late of [again, command])
      expect((await toldAbout(system, late)).text).toContain('already decided');
    const session = `${first.room}:main:${first.user.userId}`;
    expect((await readRecord(system, session, approval))?.status).toBe('pending');
    expect([deletions(one).applied, deletions(other).calls]).toEqual([1, 0]);
  });

  it('complaint 4: a thousand drafts of a reply leave its room small', async () => {
    const { system } = stage();
    const user = await system.user('hal');
    const room = await system.direct(user);
    const { redis, keys, partitions } = system;
    const publisher = createPublisher({ redis, keys, partitions });
    const session = formatSessionId({ room, thread: null, user: user.userId });
    const turn = `$drafts-in-${room}`;
    const words = Array.from({ length: 1_000 }, (_, index) => `word${index}`);
    const common = { session, turn, at: new Date().toISOString() } as const;
    for (const revision of words.keys()) {
      const body = { reply: turn, text: words.slice(0, revision + 1).join(' '), replyTo: null, revision };
      await publisher.publish('outbound', {
        ...common,
        type: 'reply.drafted',
        id: `${turn}#${revision}`,
        body,
      });
    }
    const body = { reply: turn, text: words.join(' '), replyTo: null, revision: words.length };
    await publisher.publish('outbound', { ...common, type: 'reply.finished', id: `${turn}#reply`, body });
    const { event } = await answerTo(system, room, turn, 30_000);
    const seen = await readRoom({ roomId: room, reader: user, kind: 'direct' }, system.botId);
    expect(shownText(seen, event.event_id)).toContain('word999');
    expect(seen.said.length).toBeLessThanOrEqual(22);
  });

  it('complaint 4: a homeserver that says 429 again and again stops nothing', async () => {
    const { system, script } = stage();
    const user = await system.user('ida');
    const room = await system.direct(user);
    const pids = system.processes().map(({ pid }) => pid);
    const path = '/send/m\\.room\\.message/';
    await script({ action: 'rate-limit', method: 'PUT', path, user: system.botId, header: '0.3', times: 6 });
    const asked = await user.say(room, question);
    expect((await answerTo(system, room, asked, 30_000)).kind).toBe('reply');
    expect(system.processes().map(({ pid, isRunning }) => isRunning && pid)).toEqual(pids);
  });

  it('complaint 4: a drain posts answers, and no error messages', async () => {
    const { system } = stage();
    const people = await Promise.all(['jo1', 'jo2', 'jo3', 'jo4'].map((name) => system.user(name)));
    const rooms = await Promise.all(people.map(async (user) => ({ user, room: await system.direct(user) })));
    const asking = rooms.map(async ({ user, room }) => {
      const asked: string[] = [];
      for (let i = 1; i <= 15; i += 1) asked.push(await user.say(room, `${question} (${i})`));
      return asked;
    });
    await system.restart('worker-1');
    await system.restart('worker-2');
    for (const [index, { user, room }] of rooms.entries()) {
      const asked = await asking[index];
      for (const message of asked ?? [])
        expect((await answerTo(system, room, message, 30_000)).kind).toBe('reply');
      const { said } = await readRoom({ roomId: room, reader: user, kind: 'direct' }, system.botId);
      expect(said.map(({ vagent }) => vagent.turn)).toEqual(asked);
    }
  });

  it('complaint 7: a tool that takes longer than the lease runs once', async () => {
    const { system, tools, deletions } = stage();
    const project = projectOf('Columba');
    const { room, prompt } = await askForDeletion(system, 'kay', project);
    // Three times the lease of the workers (LEASE_MS is 1000 here).
    tools.misbehave('slow');
    const decision = await system.reviewers[0].react(system.adminRoom, prompt.event.event_id, '✅');
    expect((await answerTo(system, room, decision)).text).toMatch(
      new RegExp(`Approved by .*${project}`, 's'),
    );
    expect(deletions(project)).toEqual({ applied: 1, calls: 1 });
  });
});

describeBots();
describeTwoPeople();
