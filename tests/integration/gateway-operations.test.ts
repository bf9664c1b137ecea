import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { partitionOf } from '#contract/partition-of';
import { setSwitch } from '#operations/switches/set-switch';
import { json, startGateway, type TestGateway } from '../support/start-gateway.ts';
import { messageEntry } from '../support/test-consumer.ts';
import { stageSession, startWorkerStage } from '../support/worker-stage.ts';

const redisUrl = inject('redisUrl');
const olga = '@olga:localhost';
let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway(redisUrl);
});
afterAll(() => gateway[Symbol.asyncDispose]());

const viewer = (path: string) => gateway.as('@vera:localhost', 'viewer')(path);
const operator = (path: string, init?: RequestInit) => gateway.as(olga, 'operator')(path, init);

describe('dead letters over HTTP', () => {
  const partition = partitionOf(stageSession, 4);
  const bury = async (text: string): Promise<string> => {
    const { redis, keys, publisher } = gateway.transport;
    const entry = messageEntry(Math.floor(Math.random() * 1e9), { text });
    const { entryId } = await publisher.publish('inbound', entry);
    const stream = keys.stream(partition, 'inbound');
    const [, fields = []] = (await redis.xrange(stream, entryId, entryId))[0] ?? [];
    await redis.xdel(stream, entryId);
    const why = [
      'entry',
      entryId,
      'stream',
      stream,
      'reason',
      'Error: poison',
      'stage',
      'graph',
      'attempts',
      '5',
    ];
    const id = await redis.xadd(keys.stream(partition, 'dead'), '*', ...fields, ...why);
    return `${partition}:${id}`;
  };

  it('shows them with what they were and why they were given up', async () => {
    const letter = await bury('a message that was given up');
    const shown = { letter, stage: 'graph', reason: 'Error: poison', attempts: '5', session: stageSession };
    const all = { letters: expect.arrayContaining([expect.objectContaining(shown)]) };
    expect((await viewer('/api/v1/dead-letters')).body).toMatchObject(all);
    const { body } = await viewer(`/api/v1/dead-letters/${letter}`);
    expect(body).toMatchObject({ ...shown, stream: 'inbound', obstacle: null, type: 'message.received' });
    expect(JSON.stringify(body)).toContain('a message that was given up');
  });

  it('replays one only when it is told so, once, with a line in the audit that names the operator', async () => {
    const letter = await bury('again, please');
    const { redis, keys } = gateway.transport;
    const path = `/api/v1/dead-letters/${letter}/replay`;
    const waiting = await redis.xlen(keys.stream(partition, 'inbound'));
    const { body: audited } = await viewer('/api/v1/audit/verify');
    const { lines } = audited as { lines: number };
    expect(await operator(path, json('POST', {}))).toMatchObject({ status: 200, body: { done: false } });
    expect(await redis.xlen(keys.stream(partition, 'inbound'))).toBe(waiting);
    expect(await viewer(path)).toMatchObject({ status: 404 });
    const asViewer = gateway.as('@vera:localhost', 'viewer');
    expect(await asViewer(path, json('POST', { dry_run: false }))).toMatchObject({ status: 403 });

    const answers = await Promise.all([1, 2, 3].map(() => operator(path, json('POST', { dry_run: false }))));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 404, 404]);
    expect(await redis.xlen(keys.stream(partition, 'inbound'))).toBe(waiting + 1);
    const { body } = await viewer(`/api/v1/audit?partition=${partition}&count=1`);
    expect(body).toMatchObject({ lines: [{ fields: { type: 'dead.replayed', by: olga } }] });
    expect((await viewer('/api/v1/audit/verify')).body).toMatchObject({ intact: true, lines: lines + 1 });
  });

  it('tells where a chain of the audit was broken', async () => {
    const { redis, keys } = gateway.transport;
    await redis.xadd(keys.stream(partition, 'audit'), '*', 'type', 'forged', 'by', '@eve:localhost');
    const { body } = await viewer('/api/v1/audit/verify');
    const broken = { partition, intact: false, problem: expect.stringContaining('no link') };
    expect(body).toMatchObject({
      intact: false,
      partitions: expect.arrayContaining([expect.objectContaining(broken)]),
    });
  });
});

describe('the system over HTTP', () => {
  it('tells who works on which partition, and how far behind each stream is', async () => {
    await using stage = await startWorkerStage(redisUrl);
    const KEY_PREFIX = stage.keys.settings().replace(/:settings$/, '');
    await using beside = await startGateway(redisUrl, { KEY_PREFIX });
    const ask = beside.as('@vera:localhost', 'viewer');
    await stage.say('How do I reset my 2FA?');
    await stage.output('outbound', 'reply.finished');
    const { body: workers } = await ask('/api/v1/workers');
    expect(workers).toMatchObject({ members: [{ member: 'w1', group: 'graph', partitions: [0, 1, 2, 3] }] });
    const { body } = await ask('/api/v1/partitions');
    const { partitions } = body as {
      partitions: { streams: { stream: string; lag: number; length: number }[]; leases: object[] }[];
    };
    expect(partitions).toHaveLength(4);
    const own = partitions[partitionOf(stageSession, 4)];
    expect(own?.leases).toContainEqual(expect.objectContaining({ group: 'graph', owner: 'w1' }));
    expect(own?.streams).toContainEqual(expect.objectContaining({ stream: 'inbound', length: 1, lag: 0 }));
    // No egress is up: what is to be posted waits.
    const outbound = own?.streams.find(({ stream }) => stream === 'outbound');
    expect(outbound?.length).toBeGreaterThan(0);

    const [reply] = await stage.entries('outbound', 'reply.finished');
    // As ingress writes it of each message.
    await stage.redis.set(stage.keys.sessionOf(reply?.turn ?? ''), stageSession);
    const { status, body: story } = await ask(`/api/v1/turns/${encodeURIComponent(reply?.turn ?? '')}`);
    expect(status).toBe(200);
    expect(story).toMatchObject({ session: stageSession, text: expect.stringMatching(/.{40}/) });
    const person = beside.as('@ana:localhost', 'user');
    expect(await person(`/api/v1/turns/${encodeURIComponent(reply?.turn ?? '')}`)).toMatchObject({
      status: 403,
    });
    expect(await ask('/api/v1/turns/%24nobody-knows-it')).toMatchObject({ status: 404 });

    expect((await ask('/api/v1/overview')).body).toMatchObject({ members: [{ member: 'w1' }], switches: [] });
  });

  it('shows the playbook that workers tell of, and says so where none did', async () => {
    const { redis, keys } = gateway.transport;
    await redis.del(keys.playbookCurrent());
    expect(await viewer('/api/v1/playbook')).toMatchObject({ status: 404 });
    const outline = { version: 'v1', name: 'desk', agents: [], flows: [], tools: [], flags: [] };
    await redis.set(keys.playbookCurrent(), JSON.stringify(outline));
    expect(await viewer('/api/v1/playbook')).toMatchObject({ status: 200, body: outline });
    await redis.set(keys.playbookCurrent(), '{"version":');
    expect(await viewer('/api/v1/playbook')).toMatchObject({ status: 404 });
  });

  it('switches as the operator who asked, and lists what is off', async () => {
    const { redis, keys } = gateway.transport;
    await redis.del(keys.switches());
    const off = { scope: 'tool', name: 'delete_records', off: true, because: 'it is broken' };
    const asViewer = gateway.as('@vera:localhost', 'viewer');
    expect(await asViewer('/api/v1/switches', json('PUT', off))).toMatchObject({ status: 403 });
    expect(await operator('/api/v1/switches', json('PUT', off))).toMatchObject({
      status: 200,
      body: { switches: [{ scope: 'tool', name: 'delete_records', by: olga, because: 'it is broken' }] },
    });
    await setSwitch(gateway.transport, {
      scope: 'all',
      name: '*',
      off: true,
      because: 'rest',
      by: 'cli:ana',
    });
    expect((await viewer('/api/v1/switches')).body).toMatchObject({
      switches: [{ scope: 'all' }, { scope: 'tool' }],
    });
    await operator('/api/v1/switches', json('PUT', { ...off, off: false, because: '' }));
    expect((await viewer('/api/v1/switches')).body).toMatchObject({
      switches: [{ scope: 'all', name: '*' }],
    });
  });
});

describe('the description of the API', () => {
  it('names every route with its schemas, for anybody', async () => {
    const { status, body } = await gateway.ask('/openapi.json');
    expect(status).toBe(200);
    const { openapi, paths } = body as { openapi: string; paths: Record<string, Record<string, object>> };
    expect(openapi).toBe('3.1.0');
    const expected = [
      ['post', '/api/v1/process_message'],
      ['post', '/api/v1/submit_feedback'],
      ['post', '/api/v1/sign-in'],
      ['get', '/api/v1/sessions/{id}/timeline'],
      ['post', '/api/v1/approvals/{id}/decision'],
      ['post', '/api/v1/dead-letters/{letter}/replay'],
      ['get', '/api/v1/turns/{event}'],
      ['put', '/api/v1/switches'],
    ] as const;
    for (const [method, path] of expected) expect(paths[path]?.[method], path).toBeDefined();
    expect(JSON.stringify(paths['/api/v1/approvals/{id}/decision'])).toContain('decision_id');
  });
});
