import { describe, expect, inject, it } from 'vitest';
import type { Approval } from '#contract/approval';
import { eventually } from '../support/eventually.ts';
import { type Answer, json, startGateway } from '../support/start-gateway.ts';
import { stageSession, startWorkerStage } from '../support/worker-stage.ts';

const url = inject('redisUrl');
const rita = '@rita:localhost';
const ron = '@ron:localhost';
const ana = '@ana:localhost';

/** A gateway beside a worker that really judges, with an approval that waits. */
async function setup(options: Parameters<typeof startWorkerStage>[1] = {}) {
  const stack = new AsyncDisposableStack();
  const stage = stack.use(await startWorkerStage(url, options));
  const prefix = stage.keys.settings().replace(/:settings$/, '');
  const gateway = stack.use(await startGateway(url, { KEY_PREFIX: prefix }));
  await stage.say('Please delete all records of project Apollo');
  const { approval } = (await stage.output('approvals', 'approval.requested')).body;
  const decide = async (
    user: string,
    body: object,
    asked: Pick<Approval, 'id' | 'actions'> = approval,
  ): Promise<Answer> => {
    const digests = asked.actions.map(({ digest }) => digest);
    const id = `decision-${Math.random().toString(36).slice(2)}`;
    const request = { decision: 'approve', digests, decision_id: id, ...body };
    return gateway.as(user, 'reviewer')(`/api/v1/approvals/${asked.id}/decision`, json('POST', request));
  };
  return { stage, gateway, approval, decide, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

describe('approvals over HTTP', () => {
  it('lists what waits, decides it once with the digests that were shown, and shows it as decided', async () => {
    await using it = await setup();
    const viewer = it.gateway.as('@vera:localhost', 'viewer');
    expect((await viewer('/api/v1/approvals')).body).toMatchObject({ approvals: [{ id: it.approval.id }] });
    const answer = await it.decide(rita, {});
    expect(answer).toMatchObject({ status: 200, body: { status: 'approved', decided: [{ by: rita }] } });
    expect((await it.stage.output('outbound', 'reply.finished')).body.text).toContain('Deleted 3 records');
    expect(it.stage.calls).toHaveLength(1);
    expect((await viewer('/api/v1/approvals')).body).toMatchObject({ approvals: [] });
    expect((await viewer('/api/v1/approvals?status=recent')).body).toMatchObject({
      approvals: [{ id: it.approval.id, status: 'approved' }],
    });
    const [audited] = await it.stage.entries('inbound', 'approval.decided');
    expect(audited?.body).toMatchObject({ by: rita, via: 'api', eventId: null });
  });

  it('T17: a decision that is sent again under its id counts once, and is answered as it was', async () => {
    await using it = await setup();
    const same = { decision_id: 'the-same-decision' };
    const answers = await Promise.all([it.decide(rita, same), it.decide(rita, same), it.decide(rita, same)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(await it.decide(rita, same)).toMatchObject({ status: 200, body: { decided: [{ by: rita }] } });
    expect(await it.stage.entries('inbound', 'approval.decided')).toHaveLength(1);
    expect(it.stage.calls).toHaveLength(1);
  });

  it('F68: of two reviewers at once one wins, and the other is told by name who it was', async () => {
    await using it = await setup();
    const answers = await Promise.all([
      it.decide(rita, {}),
      it.decide(ron, { decision: 'reject', text: 'no' }),
    ]);
    const won = answers.findIndex(({ status }) => status === 200);
    const lost = answers[1 - won];
    expect(lost).toMatchObject({ status: 409, body: { code: 'conflict' } });
    const winner = won === 0 ? rita : ron;
    expect(lost?.body).toMatchObject({ detail: expect.stringContaining(`already decided by ${winner}`) });
    expect(await it.decide(ron, {})).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining(`already decided by ${winner}`) },
    });
    expect(it.stage.calls).toHaveLength(won === 0 ? 1 : 0);
  });

  it('runs the edited arguments, and refuses those that the tool does not take with its reason', async () => {
    await using it = await setup();
    expect(await it.decide(rita, { decision: 'edit', edit: { projekt: 'Gemini' } })).toMatchObject({
      status: 403,
      body: { detail: expect.stringContaining('edit cannot be used') },
    });
    expect(await it.decide(rita, { decision: 'edit', edit: { project: 'Gemini' } })).toMatchObject({
      status: 200,
      body: { status: 'edited' },
    });
    await it.stage.output('outbound', 'reply.finished');
    expect(it.stage.calls).toMatchObject([{ project: 'Gemini' }]);
  });

  it('counts to the quorum', async () => {
    await using it = await setup({ policy: { quorum: 2 } });
    expect(await it.decide(rita, {})).toMatchObject({ status: 200, body: { status: 'pending' } });
    expect(await it.decide(rita, {})).toMatchObject({ status: 403 });
    expect(await it.decide(ron, {})).toMatchObject({ status: 200, body: { status: 'approved' } });
  });

  it('refuses what was not shown, what is no decision of this approval, and who is no reviewer of it', async () => {
    await using it = await setup();
    const refusals: [string, object, number, string][] = [
      [rita, { digests: ['0'.repeat(64)] }, 409, 'changed'],
      [rita, { digests: it.approval.actions.flatMap(({ digest }) => [digest, digest]) }, 409, 'changed'],
      [rita, { decision: 'edit' }, 400, 'edit'],
      [rita, { edit: { project: 'Gemini' } }, 400, 'edit'],
      [rita, { decision: 'respond', text: ' ' }, 400, 'words'],
      [rita, { decision: 'ignore' }, 400, 'decision'],
      [rita, { decision_id: 'short' }, 400, 'decision_id'],
      [rita, { by: ron }, 400, 'by'],
      ['@mallory:localhost', {}, 403, 'not a reviewer'],
    ];
    for (const [user, body, status, detail] of refusals) {
      expect(await it.decide(user, body)).toMatchObject({
        status,
        body: { detail: expect.stringContaining(detail) },
      });
    }
    const asViewer = it.gateway.as(rita, 'viewer');
    const path = `/api/v1/approvals/${it.approval.id}/decision`;
    expect(await asViewer(path, json('POST', {}))).toMatchObject({ status: 403 });
    const whole = {
      decision: 'approve',
      digests: [it.approval.actions[0]?.digest],
      decision_id: 'by-a-viewer',
    };
    expect(await asViewer(path, json('POST', whole))).toMatchObject({ status: 403 });
    expect(await it.stage.entries('inbound', 'approval.decided')).toEqual([]);
    expect(it.stage.calls).toEqual([]);
  });

  it('shows whoever asked that it waits, and not who decides; nobody else sees it', async () => {
    await using it = await setup();
    const path = `/api/v1/approvals/${it.approval.id}`;
    const own = await it.gateway.as(ana, 'user')(path);
    expect(own).toMatchObject({ status: 200, body: { status: 'pending', policy: { reviewers: [] } } });
    expect(JSON.stringify(own.body)).not.toContain('@rita');
    const other = it.gateway.as('@bob:localhost', 'user');
    expect(await other(path)).toMatchObject({ status: 404 });
    expect((await other('/api/v1/approvals')).body).toMatchObject({ approvals: [] });
    expect(await other(`/api/v1/sessions/${encodeURIComponent(stageSession)}`)).toMatchObject({
      status: 404,
    });
  });

  it('answers 202 where no worker is up to judge, and the decision waits in the stream', async () => {
    await using it = await setup();
    await it.stage.worker.stop();
    expect(await it.decide(rita, {})).toMatchObject({ status: 202, body: { status: 'pending' } });
    expect(await it.stage.entries('inbound', 'approval.decided')).toHaveLength(1);
    const next = await it.stage.startWorker('w2');
    await it.stage.output('outbound', 'reply.finished');
    await next.stop();
    expect(it.stage.calls).toHaveLength(1);
  });
});

describe('a conversation that was taken over', () => {
  it('gets the words of the reviewer, who answers under the approval', { timeout: 180_000 }, async () => {
    await using it = await setup();
    await it.stage.say('I want to speak to a person');
    const handOff = (await it.stage.output('approvals', 'approval.requested', 2)).body.approval;
    expect(handOff.actions).toMatchObject([{ name: 'hand_off' }]);
    expect(await it.decide(rita, {}, handOff)).toMatchObject({ status: 200, body: { status: 'approved' } });
    const words = { decision: 'respond', text: 'Hello, this is Rita.' };
    expect(await it.decide(rita, words, handOff)).toMatchObject({ status: 202 });
    await eventually(async () =>
      (await it.stage.entries('outbound', 'reply.finished')).some(({ body }) =>
        body.text.includes('this is Rita'),
      ),
    );
    expect(await it.decide('@mallory:localhost', words, handOff)).toMatchObject({ status: 403 });
    expect(await it.decide(ron, { decision: 'reject', text: 'no' }, handOff)).toMatchObject({ status: 409 });
  });
});

describe('conversations over HTTP', () => {
  it('lists them, tells where they stand, what happened, why, and forgets them', async () => {
    await using it = await setup();
    await it.decide(rita, {});
    await it.stage.output('outbound', 'reply.finished');
    const viewer = it.gateway.as('@vera:localhost', 'viewer');
    const session = { session: stageSession, user: ana, room: '!room:localhost', thread: null };
    expect((await viewer('/api/v1/sessions')).body).toMatchObject({ sessions: [session] });
    const path = `/api/v1/sessions/${encodeURIComponent(stageSession)}`;
    expect((await viewer(path)).body).toMatchObject(session);
    const { body } = await viewer(`${path}/timeline`);
    expect(body).toMatchObject({ session, waiting: [], cursor: expect.stringMatching(/^\d+-\d+,/) });
    const events = (body as { events: { event: string }[] }).events.map(({ event }) => event);
    expect(events).toEqual(expect.arrayContaining(['message', 'approval', 'decision', 'reply']));

    expect(await it.gateway.as(ana, 'user')('/api/v1/sessions')).toMatchObject({
      body: { sessions: [{ session: stageSession }] },
    });
    expect(await viewer(`${path}/reset`, { method: 'POST' })).toMatchObject({ status: 403 });
    expect(
      await it.gateway.as('@olga:localhost', 'operator')(`${path}/reset`, { method: 'POST' }),
    ).toMatchObject({ status: 202 });
    const [reset] = await it.stage.entries('inbound', 'session.reset');
    expect(reset).toMatchObject({ session: stageSession, body: { by: '@olga:localhost' } });
  });

  it('a token of one session sees that one, and nothing that concerns all', async () => {
    await using it = await setup();
    const token = await it.gateway.token(ana, 'operator', { session: stageSession });
    const ask = (path: string) => it.gateway.ask(path, { headers: { authorization: `Bearer ${token}` } });
    expect((await ask('/api/v1/sessions')).body).toMatchObject({ sessions: [{ session: stageSession }] });
    const other = encodeURIComponent('!other:localhost:main:@ana:localhost');
    expect(await ask(`/api/v1/sessions/${other}`)).toMatchObject({ status: 404 });
    for (const path of ['dead-letters', 'partitions', 'workers', 'switches', 'audit', 'overview']) {
      expect(await ask(`/api/v1/${path}`)).toMatchObject({ status: 403 });
    }
  });
});
