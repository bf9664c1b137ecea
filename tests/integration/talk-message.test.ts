import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { apiSessionOf, apiUserOf } from '#contract/api-session';
import { decodeEntry } from '#contract/entry';
import { partitionOf } from '#contract/partition-of';
import { readEvents } from '../../services/gateway/live/read-events.ts';
import { eventually } from '../support/eventually.ts';
import { openLiveClient } from '../support/live-client.ts';
import { type Chunks, readChunks } from '../support/read-chunks.ts';
import { startGateway, type TestGateway } from '../support/start-gateway.ts';
import { startRedis } from '../support/start-redis.ts';
import { SystemProcess } from '../support/system-process.ts';
import { uniquePrefix } from '../support/unique-prefix.ts';

const redisUrl = inject('redisUrl');
const env = {
  REDIS_URL: redisUrl,
  KEY_PREFIX: uniquePrefix('talk'),
  STREAM_PARTITIONS: '4',
  PAYLOAD_KEY: randomBytes(32).toString('base64'),
};
const worker = new SystemProcess('worker-1', 'worker', {
  PATH: process.env['PATH'] ?? '',
  ...env,
  ADMIN_ROOM_ID: '!admin:localhost',
  REVIEWERS: '@rita:localhost',
  MODEL_PROVIDER: 'offline',
  LEASE_MS: '1000',
  VAGENT_PARENT_PID: String(process.pid),
});
/** A test that runs again begins a conversation that nobody has had before. */
const fresh = (name: string) => `${name}-${randomBytes(4).toString('hex')}`;
let gateway: TestGateway;

beforeAll(async () => {
  await worker.start();
  gateway = await startGateway(redisUrl, { ...env });
  await worker.ready();
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await worker.kill('SIGTERM');
});

async function post(
  user: string,
  body: Record<string, unknown>,
  headers: Record<string, string> = {},
): Promise<Chunks> {
  const authorization = `Bearer ${await gateway.token(user, 'user')}`;
  return readChunks(`${gateway.url}/api/v1/process_message`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

/** How many messages stand in the stream of a session. */
async function published(session: string): Promise<number> {
  const { redis, keys, openBody } = gateway.transport;
  const entries = await redis.xrange(keys.stream(partitionOf(session, 4), 'inbound'), '-', '+');
  return entries.filter(([, fields]) => {
    const decoded = decodeEntry(fields, openBody);
    return decoded.ok && decoded.entry.session === session && decoded.entry.type === 'message.received';
  }).length;
}

describe('process_message', () => {
  it('answers with the text and the outcome, each with an id', async () => {
    await using answer = await post('ana', { message: 'How do I reset my 2FA?' });
    const chunks = await answer.ended();
    expect(answer.status).toBe(200);
    expect(chunks.map(({ name }) => name)).toEqual(['text_final', 'done']);
    expect(String(chunks[0]?.data['text'])).toMatch(/two-factor|2FA/i);
    expect(chunks[1]?.data).toMatchObject({ outcome: 'replied', turn: chunks[0]?.data['turn'] });
    for (const { id } of chunks) expect(id).toMatch(/^\d+-\d+,\d+-\d+,\d+-\d+$/);
  });

  it('is published once however often it is sent, and every answer is the same', async () => {
    const conversation = fresh('twice');
    const message = { message: 'How do I reset my 2FA?', message_id: 'message-1', conversation };
    const both = await Promise.all([post('ana', message), post('ana', message)]);
    const [first = [], second = []] = await Promise.all(both.map((answer) => answer.ended()));
    await using third = await post('ana', message);
    const told = (chunks: readonly { name: string; data: unknown }[]) =>
      chunks.map(({ name, data }) => ({ name, data }));
    expect(told(second)).toEqual(told(first));
    expect(told(await third.ended())).toEqual(told(first));
    const counted = await gateway.metrics.registry.getSingleMetricAsString('vagent_gateway_messages_total');
    expect(counted).toMatch(/outcome="known".* [1-9]/);
    expect(await published(apiSessionOf(apiUserOf('ana'), conversation))).toBe(1);
  });

  it('goes on behind Last-Event-ID, without telling again and without publishing again', async () => {
    const conversation = fresh('resumed');
    const message = { message: 'How do I reset my 2FA?', message_id: 'message-2', conversation };
    await using whole = await post('ana', message);
    const [final] = await whole.ended();
    await using rest = await post('ana', message, { 'last-event-id': final?.id ?? '' });
    expect((await rest.ended()).map(({ name }) => name)).toEqual(['done']);
    expect(await published(apiSessionOf(apiUserOf('ana'), conversation))).toBe(1);
    await using lost = await post('ana', { message: 'x' }, { 'last-event-id': final?.id ?? '' });
    expect(lost.status).toBe(400);
    await using wrong = await post('ana', message, { 'last-event-id': '*' });
    expect(wrong).toMatchObject({ status: 400, problem: { code: 'bad_request' } });
  });

  it('tells what waits for a reviewer, and leaves out who that is', async () => {
    const conversation = fresh('waits');
    const message = 'Please delete all records of project Apollo';
    await using answer = await post('ana', { message, conversation });
    const chunks = await answer.ended();
    const asked = chunks.find(({ name }) => name === 'hitl_request');
    expect(chunks.map(({ name }) => name).sort()).toEqual(['done', 'hitl_request', 'text_final']);
    expect(chunks.at(-1)).toMatchObject({ name: 'done', data: { outcome: 'waiting' } });
    expect(asked?.data).toMatchObject({ actions: ['delete_records'] });
    expect(asked?.data['code']).toBe(String(asked?.data['approval']).slice(0, 6));
    const session = apiSessionOf(apiUserOf('ana'), conversation);
    await using own = openLiveClient(gateway.url, session, await gateway.token('ana', 'user'));
    await own.has('hello');
    own.send({ frame: 'resume', after: '0-0,0-0,0-0' });
    await eventually(() => own.events().some(({ event }) => event === 'approval'));
    expect(JSON.stringify(own.events())).not.toContain('@rita:localhost');
  });

  it('T19: keeps personal data out of Redis, shows it to its person and placeholders to viewers', async () => {
    const session = apiSessionOf(apiUserOf('eve'), 'main');
    const secret = 'eve.canary@example.org';
    await using answer = await post('eve', { message: `I cannot sign in, my email is ${secret}` });
    await answer.ended();
    const cursor = '0-0,0-0,0-0';
    const clients = await Promise.all(
      (['user', 'viewer'] as const).map(async (role) => {
        const token = await gateway.token(role === 'user' ? 'eve' : '@vera:localhost', role);
        const client = openLiveClient(gateway.url, session, token);
        await client.has('hello');
        client.send({ frame: 'resume', after: cursor });
        await eventually(() => client.events().some(({ event }) => event === 'message'));
        return client;
      }),
    );
    const [own, staff] = clients.map((client) => JSON.stringify(client.frames));
    expect(own).toContain(secret);
    expect(staff).not.toContain(secret);
    expect(staff).toMatch(/\[EMAIL-[0-9A-Z]{8}\]/);
    const { events } = await readEvents(gateway.transport, session, { limit: 100 });
    expect(JSON.stringify(events)).not.toContain(secret);
    expect(gateway.lines.join('\n')).not.toContain(secret);
    await Promise.all(clients.map((client) => client[Symbol.asyncDispose]()));
  });

  it('refuses a token for another conversation, and what the policy does not let in', async () => {
    const session = apiSessionOf(apiUserOf('ana'), 'mine');
    const token = await gateway.token('ana', 'user', { session });
    const ask = (body: object) =>
      readChunks(`${gateway.url}/api/v1/process_message`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    await using other = await ask({ message: 'hello', conversation: 'other' });
    expect(other).toMatchObject({ status: 403, problem: { code: 'forbidden' } });
    await using mine = await ask({ message: 'hello', conversation: 'mine' });
    expect((await mine.ended()).at(-1)?.name).toBe('done');
    for (const wrong of [
      {},
      { message: '' },
      { message: 'x', conversation: 'a/b' },
      { message: 'x', message_id: '*' },
    ]) {
      await using refused = await ask(wrong);
      expect(refused.status).toBe(400);
    }
  });

  it('T11: answers 429 over the limit of messages, and says when to come back', async () => {
    // Fewer than a caller may hold open, and enough for a machine that takes half a minute for them.
    const user = fresh('flood');
    const answers = await Promise.all(
      Array.from({ length: 48 }, (_, n) => post(user, { message: `hello ${n}`, conversation: `c${n}` })),
    );
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
    for (const answer of answers) answer.leave();
  });

  it('goes on with the turn when its client has gone', async () => {
    const conversation = fresh('gone');
    const message = { message: 'How do I reset my 2FA?', message_id: 'message-3', conversation };
    const answer = await post('ana', message);
    answer.leave();
    await using again = await post('ana', message);
    expect((await again.ended()).map(({ name }) => name)).toEqual(['text_final', 'done']);
  });

  it('publishes feedback for the conversation, personal data taken out', async () => {
    const user = fresh('fay');
    const answer = await gateway.as(user, 'user')('/api/v1/submit_feedback', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ solved: true, comment: 'thanks, fay@example.org' }),
    });
    expect(answer.status).toBe(202);
    const session = apiSessionOf(apiUserOf(user), 'main');
    const { redis, keys, openBody } = gateway.transport;
    const entries = await redis.xrange(keys.stream(partitionOf(session, 4), 'inbound'), '-', '+');
    const found = entries.flatMap(([, fields]) => {
      const decoded = decodeEntry(fields, openBody);
      const isOurs = decoded.ok && decoded.entry.session === session;
      return isOurs && decoded.entry.type === 'feedback.given' ? [decoded.entry] : [];
    });
    expect(found).toMatchObject([{ body: { solved: true, sender: apiUserOf(user), about: null } }]);
    expect(found[0]?.body.comment).toMatch(/^thanks, \[EMAIL-/);
  });
});

describe('process_message without Redis', () => {
  it('answers 503 before the stream begins, and says within it that it is late', async () => {
    await using redis = await startRedis();
    await using alone = await startGateway(redis.url, { KEY_PREFIX: uniquePrefix('talk') });
    const authorization = `Bearer ${await alone.token('ana', 'user')}`;
    const ask = () =>
      readChunks(`${alone.url}/api/v1/process_message`, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json' },
        body: JSON.stringify({ message: 'hello', message_id: 'message-4' }),
      });
    // Nobody answers here: it stays open.
    await using waiting = await ask();
    expect(waiting.status).toBe(200);
    await redis.kill();
    await eventually(() => waiting.comments.includes('delayed'));
    await using refused = await ask();
    expect(refused).toMatchObject({ status: 503, problem: { code: 'unavailable' } });
    await redis.start();
    await eventually(() => waiting.comments.at(-1) === 'current', { withinMs: 15_000 });
  });
});
