import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type ModelServer, startModelServer } from '../support/model-server.ts';
import { type Chunks, readChunks } from '../support/read-chunks.ts';
import { startGateway, type TestGateway } from '../support/start-gateway.ts';
import { startRedis } from '../support/start-redis.ts';
import { SystemProcess } from '../support/system-process.ts';
import { uniquePrefix } from '../support/unique-prefix.ts';

const words = Array.from({ length: 60 }, (_, index) => `word${index}`).join(' ');
const stack = new AsyncDisposableStack();
let model: ModelServer;
let gateway: TestGateway;

async function openStage(redisUrl: string) {
  const env = { REDIS_URL: redisUrl, KEY_PREFIX: uniquePrefix('drafts'), STREAM_PARTITIONS: '4' };
  const worker = new SystemProcess('worker-1', 'worker', {
    PATH: process.env['PATH'] ?? '',
    ...env,
    ADMIN_ROOM_ID: '!admin:localhost',
    REVIEWERS: '@rita:localhost',
    OPENAI_BASE_URL: model.url,
    OPENAI_API_KEY: 'key',
    MODEL_NAME: 'scripted',
    MAX_ATTEMPTS: '1',
    VAGENT_PARENT_PID: String(process.pid),
  });
  stack.defer(async () => void (await worker.kill('SIGTERM')));
  await worker.start();
  const opened = stack.use(await startGateway(redisUrl, env));
  await worker.ready();
  return opened;
}

beforeAll(async () => {
  model = stack.use(await startModelServer());
  gateway = await openStage(inject('redisUrl'));
});
afterAll(() => stack.disposeAsync());

async function post(
  to: TestGateway,
  body: Record<string, unknown>,
  headers: Record<string, string> = {},
): Promise<Chunks> {
  return readChunks(`${to.url}/api/v1/process_message`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await to.token('ana', 'user')}`,
      'content-type': 'application/json',
      ...headers,
    },
    body: JSON.stringify(body),
  });
}

const growing = { kind: 'text', text: words, chunkSize: 40, delayMs: 250 } as const;

describe('process_message while a model writes', () => {
  it('tells the whole text so far, again and again, and goes on behind what a lost client has seen', async () => {
    model.on(/grow slowly/, [growing], null);
    const conversation = uniquePrefix('grows');
    const message = { message: 'Please grow slowly', message_id: 'growing-1', conversation };
    const answer = await post(gateway, message);
    await answer.has('text_chunk');
    answer.leave();
    const seen = answer.chunks.at(-1);
    await using rest = await post(gateway, message, { 'last-event-id': seen?.id ?? '' });
    const told = await rest.ended();
    const texts = [...answer.chunks, ...told].filter(({ name }) => name.startsWith('text_'));
    expect(told.map(({ name }) => name)).toEqual([
      ...told.slice(2).map(() => 'text_chunk'),
      'text_final',
      'done',
    ]);
    expect(texts.length).toBeGreaterThanOrEqual(3);
    const revisions = texts.flatMap(({ data }) =>
      typeof data['revision'] === 'number' ? [data['revision']] : [],
    );
    expect(revisions).toEqual(revisions.map((_, index) => index));
    for (const [index, { data }] of texts.entries()) {
      expect(String(data['text']).length).toBeGreaterThanOrEqual(
        String(texts[index - 1]?.data['text'] ?? '').length,
      );
    }
    expect(String(texts.at(-1)?.data['text'])).toContain(words);
  });

  it('tells that it failed when the turn is given up', async () => {
    model.on(/fail for good/, [{ kind: 'error', status: 400, message: 'no such thing' }]);
    const conversation = uniquePrefix('fails');
    await using answer = await post(gateway, { message: 'Please fail for good', conversation });
    const chunks = await answer.ended();
    expect(chunks.map(({ name }) => name)).toEqual(['error', 'done']);
    expect(chunks[1]?.data).toMatchObject({ outcome: 'failed' });
  });

  it('goes on through a restart of Redis in mid-stream: it says that it is late, and nothing is missing', async () => {
    await using redis = await startRedis();
    const own = await openStage(redis.url);
    model.on(/grow slowly/, [growing], null);
    await using answer = await post(own, { message: 'Please grow slowly', message_id: 'growing-2' });
    await answer.has('text_chunk');
    await redis.kill();
    await redis.start();
    const chunks = await answer.ended(60_000);
    expect(answer.comments).toContain('delayed');
    expect(chunks.slice(-2).map(({ name }) => name)).toEqual(['text_final', 'done']);
    expect(String(chunks.at(-2)?.data['text'])).toContain(words);
  }, 180_000);
});
