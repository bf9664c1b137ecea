import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { AnswerInput } from '../../libs/models/answer.ts';
import type { ChatModel, Prompt, TokenUsage } from '../../libs/models/chat-model.ts';
import { createAnswers } from '../../libs/models/create-answers.ts';
import { createChatModel } from '../../libs/models/create-chat-model.ts';
import { createChatModels } from '../../libs/models/create-chat-models.ts';
import { createKnowledgeIndex } from '../../libs/models/create-knowledge-index.ts';
import { ModelError, type ModelErrorKind } from '../../libs/models/errors.ts';
import type { OpenaiSettings } from '../../libs/models/model-settings.ts';
import type { Passage } from '../../libs/playbook/playbook.ts';
import type { ModelReply } from '../support/model-reply.ts';
import { type ModelServer, startModelServer } from '../support/model-server.ts';

const apiKey = 'sk-canary-0123456789abcdef';
const { signal } = new AbortController();
let server: ModelServer;

beforeEach(async () => {
  server = await startModelServer();
});
afterEach(() => server.stop());

function settings(overrides: Partial<OpenaiSettings> = {}): OpenaiSettings {
  return {
    provider: 'openai',
    apiKey,
    baseUrl: server.url,
    model: 'scripted',
    timeoutMs: 5_000,
    idleTimeoutMs: 2_000,
    attempts: 2,
    ...overrides,
  };
}

function model(overrides: Partial<OpenaiSettings> = {}): ChatModel {
  const created = createChatModel(settings(overrides));
  if (created === undefined) throw new Error('No chat model for openai');
  return created;
}

async function write(chat: ChatModel, drafts: string[] = [], until: AbortSignal = signal): Promise<string> {
  return chat.write({
    messages: [{ role: 'user', text: 'hello' }],
    onText: (text) => drafts.push(text),
    signal: until,
  });
}

const text = (value: string): ModelReply => ({ kind: 'text', text: value });

async function failureOf(work: Promise<unknown>): Promise<ModelError> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof ModelError) return error;
  throw new Error(`Not a ModelError: ${String(error)}`);
}

describe('write', () => {
  it('streams the whole text so far, and sends key and model', async () => {
    server.queue({ kind: 'text', text: 'Hello there, friend.', chunkSize: 5, delayMs: 1 });
    const drafts: string[] = [];
    expect(await write(model(), drafts)).toBe('Hello there, friend.');
    expect(drafts).toEqual(['Hello', 'Hello ther', 'Hello there, fr', 'Hello there, friend.']);
    expect(server.requests).toMatchObject([{ model: 'scripted', stream: true, token: apiKey }]);
  });

  it.each<[string, ModelReply]>([
    ['429 with Retry-After', { kind: 'error', status: 429, headers: { 'retry-after': '0' } }],
    ['429 without', { kind: 'error', status: 429 }],
    ['500', { kind: 'error', status: 500 }],
    ['503', { kind: 'error', status: 503 }],
    ['a stream that is cut', { kind: 'cut', text: 'Hello th' }],
    ['a stream that ends without a finish reason', { kind: 'unfinished', text: 'Hello th' }],
    ['a page instead of a stream', { kind: 'garbage' }],
    [
      'an event that is no JSON',
      { kind: 'garbage', contentType: 'text/event-stream', body: 'data: {"cho\n\n' },
    ],
    ['an empty answer', text('')],
    ['an answer without an end', { kind: 'text', text: 'x'.repeat(1_000_001), chunkSize: 100_000 }],
  ])('tries again after %s', async (_, first) => {
    server.queue(first, text('Second time.'));
    expect(await write(model())).toBe('Second time.');
    expect(server.requests).toHaveLength(2);
  });

  it.each<[ModelErrorKind, boolean, ModelReply]>([
    ['rate_limited', true, { kind: 'error', status: 429 }],
    ['refused', false, { kind: 'error', status: 429, code: 'insufficient_quota' }],
    ['unavailable', true, { kind: 'error', status: 502 }],
    ['auth', false, { kind: 'error', status: 401, message: `Incorrect API key provided: ${apiKey}` }],
    ['auth', false, { kind: 'error', status: 403 }],
    ['refused', false, { kind: 'error', status: 400 }],
    ['refused', false, { kind: 'error', status: 404 }],
    ['refused', false, { kind: 'text', text: 'Hm', finishReason: 'content_filter' }],
    ['cut', true, { kind: 'cut', text: 'Hello th' }],
    ['cut', true, { kind: 'unfinished', text: 'Hello th' }],
    ['garbage', true, { kind: 'garbage' }],
    ['timeout', true, { kind: 'hang', text: 'Hello th' }],
  ])('gives up with %s (retryable: %s) and no key in what it says', async (kind, retryable, reply) => {
    server.on(/./, [reply]);
    // Short only where silence is meant: on a busy machine any answer may take a while.
    const error = await failureOf(write(model(kind === 'timeout' ? { idleTimeoutMs: 200 } : {})));
    expect(error).toMatchObject({ kind, retryable });
    // What took all of its time is the turn's to try again.
    expect(server.requests).toHaveLength(retryable && kind !== 'timeout' ? 2 : 1);
    const shown = `${error.stack} ${String(error.cause)} ${JSON.stringify(error)}`;
    expect(shown).not.toContain(apiKey);
    expect(shown).not.toContain('hello');
  });

  it('hands a long Retry-After to the caller instead of waiting', async () => {
    server.on(/./, [{ kind: 'error', status: 429, headers: { 'retry-after': '120' } }]);
    expect(await failureOf(write(model()))).toMatchObject({ kind: 'rate_limited', retryAfterMs: 120_000 });
    expect(server.requests).toHaveLength(1);
  });

  it('waits as long as a short Retry-After says', async () => {
    server.queue({ kind: 'error', status: 429, headers: { 'retry-after-ms': '700' } }, text('ok'));
    const before = performance.now();
    await write(model());
    expect(performance.now() - before).toBeGreaterThanOrEqual(690);
  });

  it('is not silent for long, but may take its time', async () => {
    server.queue({ kind: 'text', text: 'slow but steady', chunkSize: 1, delayMs: 120 });
    expect(await write(model({ idleTimeoutMs: 1_500, attempts: 1 }))).toBe('slow but steady');
  });

  it('gives up on an answer that takes too long as a whole', async () => {
    server.queue({ kind: 'text', text: 'x'.repeat(200), chunkSize: 1, delayMs: 20 });
    const error = await failureOf(write(model({ timeoutMs: 300, attempts: 1 })));
    expect(error.kind).toBe('timeout');
  });

  it('ends at once, with the reason given, when it is aborted', async () => {
    server.on(/./, [{ kind: 'hang', text: 'Hel' }]);
    const lease = new AbortController();
    const drafts: string[] = [];
    const reason = new Error('lease lost');
    const writing = model().write({
      messages: [{ role: 'user', text: 'hello' }],
      onText: () => lease.abort(reason),
      signal: lease.signal,
    });
    await expect(writing).rejects.toBe(reason);
    expect(drafts).toEqual([]);
    expect(server.requests).toHaveLength(1);
  });

  it('says that the server cannot be reached', async () => {
    await server.stop();
    expect(await failureOf(write(model({ attempts: 1 })))).toMatchObject({
      kind: 'unavailable',
      retryable: true,
    });
  });
});

describe('fill', () => {
  const form = { name: 'weigh', description: 'Weigh it', schema: z.object({ grams: z.int() }) };
  const fill = (chat: ChatModel): Promise<{ grams: number }> =>
    chat.fill({ messages: [{ role: 'user', text: 'hello' }], form, signal });
  const calls = (given: string | Record<string, unknown>, name = 'weigh'): ModelReply => ({
    kind: 'calls',
    calls: [{ name, arguments: given }],
  });

  it('returns what the schema accepts, having forced the function', async () => {
    server.queue(calls({ grams: 7 }));
    expect(await fill(model())).toEqual({ grams: 7 });
    expect(server.requests[0]?.tool_choice).toEqual({ type: 'function', function: { name: 'weigh' } });
  });

  it.each([
    ['empty', { id: '', function: { name: '', arguments: 'ams":7}' } }],
    ['null', { id: null, function: { name: null, arguments: 'ams":7}' } }],
    ['repeated', { id: 'a', function: { name: 'weigh', arguments: 'ams":7}' } }],
    ['left out', { function: { arguments: 'ams":7}' } }],
  ])('reads a form whose later parts have an id and a name that are %s', async (_, later) => {
    const first = { index: 0, id: 'a', type: 'function', function: { name: 'weigh', arguments: '{"gr' } };
    const deltas = [
      { role: 'assistant', tool_calls: [first] },
      { tool_calls: [{ index: 0, type: 'function', ...later }] },
      {},
    ];
    const events = deltas.map((delta, at) => {
      const choice = { index: 0, delta, finish_reason: at === 2 ? 'tool_calls' : null };
      const event = { id: 'c', object: 'chat.completion.chunk', created: 0, model: 'm', choices: [choice] };
      return `data: ${JSON.stringify(event)}\n\n`;
    });
    const body = `${events.join('')}data: [DONE]\n\n`;
    server.queue({ kind: 'garbage', contentType: 'text/event-stream', body });
    expect(await fill(model())).toEqual({ grams: 7 });
    expect(server.requests).toHaveLength(1);
  });

  it.each<[string, ModelReply]>([
    ['wrong types', calls({ grams: 'seven' })],
    ['broken JSON', calls('{"grams": ')],
    ['another function', calls({ grams: 7 }, 'measure')],
    ['plain text', text('seven grams')],
    ['nothing', text('')],
    ['a page', { kind: 'garbage' }],
    ['JSON that is no completion', { kind: 'garbage', contentType: 'application/json', body: '{"ok":true}' }],
  ])('asks once more after %s, then gives up as garbage', async (_, reply) => {
    server.queue(reply, calls({ grams: 7 }));
    expect(await fill(model())).toEqual({ grams: 7 });
    server.on(/./, [reply]);
    expect(await failureOf(fill(model()))).toMatchObject({
      kind: 'garbage',
      retryable: true,
      message: expect.stringMatching(/^The model \S+ at 127\.0\.0\.1:\d+ .*(OPENAI_BASE_URL|MODEL_NAME)/),
    });
    expect(server.requests).toHaveLength(4);
  });
});

describe('act', () => {
  const weigh = {
    name: 'weigh',
    description: 'Weighs',
    schema: { type: 'object', properties: { grams: { type: 'integer' } } },
  };
  const act = (
    chat: ChatModel,
    more: Partial<Parameters<ChatModel['act']>[0]> = {},
  ): ReturnType<ChatModel['act']> =>
    chat.act({ messages: [{ role: 'user', text: 'hello' }], tools: [weigh], signal, ...more });

  it('returns a text, streamed, when the model asks for nothing', async () => {
    server.queue({ kind: 'text', text: 'Nothing to do.', chunkSize: 8 });
    const drafts: string[] = [];
    expect(await act(model(), { onText: (draft) => drafts.push(draft) })).toEqual({
      text: 'Nothing to do.',
      calls: [],
    });
    expect(drafts).toEqual(['Nothing ', 'Nothing to do.']);
    expect(server.requests[0]).toMatchObject({
      tool_choice: 'auto',
      tools: [{ function: { name: 'weigh', parameters: weigh.schema } }],
    });
  });

  it('returns the calls in order, those that are no JSON without arguments, and the text beside them', async () => {
    const asked = [
      { name: 'weigh', arguments: { grams: 7 } },
      { name: 'weigh', arguments: '{"grams": ' },
      { name: 'measure', arguments: '[1]' },
      { name: 'weigh', arguments: '' },
    ];
    server.queue({ kind: 'calls', text: 'Let me see.', calls: asked });
    const { text: said, calls } = await act(model());
    expect(said).toBe('Let me see.');
    expect(calls.map((call) => [call.name, call.arguments])).toEqual([
      ['weigh', { grams: 7 }],
      ['weigh', undefined],
      ['measure', [1]],
      ['weigh', {}],
    ]);
    expect(new Set(calls.map(({ id }) => id)).size).toBe(4);
  });

  it('feeds results back in the form that the server knows', async () => {
    server.queue(
      { kind: 'calls', calls: [{ name: 'weigh', arguments: { grams: 7 } }] },
      text('It is light.'),
    );
    const { calls } = await act(model());
    const messages: Prompt[] = [
      { role: 'user', text: 'hello' },
      { role: 'assistant', text: '', calls },
      { role: 'tool', callId: calls[0]?.id ?? '', text: '7 g' },
    ];
    expect(await act(model(), { messages })).toEqual({ text: 'It is light.', calls: [] });
    expect(server.requests[1]?.messages).toMatchObject([
      { role: 'user' },
      {
        role: 'assistant',
        tool_calls: [{ id: 'call_0', function: { name: 'weigh', arguments: '{"grams":7}' } }],
      },
      { role: 'tool', tool_call_id: 'call_0', content: '7 g' },
    ]);
  });

  it('offers nothing where there are no tools', async () => {
    server.queue(text('Fine.'));
    await act(model(), { tools: [] });
    expect(server.requests[0]?.tools ?? []).toEqual([]);
    expect(server.requests[0]?.tool_choice).toBeUndefined();
  });

  it.each<[string, ModelReply]>([
    ['an empty answer', text(' ')],
    ['calls of nothing', { kind: 'calls', calls: [] }],
    ['a call without a name', { kind: 'calls', calls: [{ name: '', arguments: {} }] }],
    [
      'more calls than any step has',
      { kind: 'calls', calls: Array(65).fill({ name: 'weigh', arguments: {} }) },
    ],
    ['a page', { kind: 'garbage' }],
  ])('asks once more after %s, then gives up as garbage', async (_, reply) => {
    server.queue(reply, text('Second time.'));
    expect((await act(model())).text).toBe('Second time.');
    server.on(/./, [reply]);
    expect(await failureOf(act(model()))).toMatchObject({ kind: 'garbage', retryable: true });
    expect(server.requests).toHaveLength(4);
  });

  it('tries again where a stream breaks off', async () => {
    server.queue({ kind: 'cut', text: 'Hel' }, text('Whole.'));
    expect((await act(model())).text).toBe('Whole.');
  });
});

describe('what a call used', () => {
  const form = { name: 'weigh', description: 'Weigh it', schema: z.object({ grams: z.int() }) };
  const messages: Prompt[] = [{ role: 'user', text: 'hello' }];
  const ways: [string, (chat: ChatModel, onUsage: (usage: TokenUsage) => void) => Promise<unknown>][] = [
    ['write', (chat, onUsage) => chat.write({ messages, onText: () => undefined, signal, onUsage })],
    ['fill', (chat, onUsage) => chat.fill({ messages, form, signal, onUsage })],
    ['act', (chat, onUsage) => chat.act({ messages, tools: [], signal, onUsage })],
  ];
  const replyTo = (way: string, usage: { input: unknown; output: unknown } | null): ModelReply =>
    way === 'fill'
      ? { kind: 'calls', calls: [{ name: 'weigh', arguments: { grams: 7 } }], usage }
      : { kind: 'text', text: 'eight ch', usage };

  it.each(ways)('is what the server counted, for %s', async (way, call) => {
    const told: TokenUsage[] = [];
    server.queue(replyTo(way, { input: 21, output: 4 }));
    await call(model(), (usage) => told.push(usage));
    expect(told).toEqual([{ model: 'scripted', inputTokens: 21, outputTokens: 4 }]);
  });

  it.each(ways)('is estimated where the server does not say, for %s', async (way, call) => {
    const told: TokenUsage[] = [];
    for (const usage of [null, { input: 'many', output: -3 }]) {
      server.queue(replyTo(way, usage));
      await call(model(), (used) => told.push(used));
    }
    const estimate = { model: 'scripted', inputTokens: 2, outputTokens: way === 'fill' ? 4 : 2 };
    expect(told).toEqual([estimate, estimate]);
  });

  it('counts a try that was of no use too', async () => {
    const told: TokenUsage[] = [];
    server.queue({ kind: 'cut', text: 'four' }, { kind: 'text', text: 'ok', usage: { input: 3, output: 1 } });
    await ways[0]?.[1](model(), (usage) => told.push(usage));
    expect(told.map(({ outputTokens }) => outputTokens)).toEqual([1, 1]);
  });
});

describe('createChatModels', () => {
  it('asks the same server for another model by its name, and without one for MODEL_NAME', async () => {
    const models = createChatModels(settings());
    for (const name of ['other', undefined])
      await models(name)?.act({ messages: [{ role: 'user', text: 'hi' }], tools: [], signal });
    expect(server.requests.map((request) => request.model)).toEqual(['other', 'scripted']);
    expect(models('other')).toBe(models('other'));
  });

  it('knows no model offline', () => {
    expect(createChatModels({ provider: 'offline' })('other')).toBeUndefined();
  });
});

describe('createAnswers', () => {
  const passage = (heading: string, content: string): Passage => ({
    id: heading,
    file: 'knowledge/two-factor.md',
    line: 1,
    title: 'Two-factor authentication',
    headings: [heading],
    source: `Two-factor authentication › ${heading}`,
    text: content,
    keywords: ['2FA'],
  });
  const passages = [
    passage('Reset your 2FA', 'As long as you are signed in you can reset 2FA yourself.'),
    passage('Security keys', 'A key that you plug in is the safest.'),
  ];
  const answersOf = (provider: 'openai' | 'offline') =>
    createAnswers(provider === 'offline' ? undefined : model(), {
      passages,
      persona: 'You are Bo.',
      human: 'Ask Kim.',
    });
  const ask = (provider: 'openai' | 'offline', more: Partial<AnswerInput> = {}) =>
    answersOf(provider).answer({
      question: 'How do I reset my 2FA?',
      history: [],
      onDraft: () => undefined,
      signal,
      ...more,
    });

  it.each(['openai', 'offline'] as const)(
    'answers from the knowledge and names the source with %s',
    async (provider) => {
      const reply = await ask(provider);
      expect(reply).toContain('you can reset 2FA yourself');
      expect(reply).toMatch(/Source: (\[1\] )?Two-factor authentication › Reset your 2FA/);
    },
  );

  it('gives the model only passages that fit, and the history, and tells what it used', async () => {
    const told: TokenUsage[] = [];
    const history = [{ role: 'assistant', text: 'earlier' }] as const;
    await ask('openai', { history, onUsage: (usage) => told.push(usage) });
    const [request] = server.requests;
    expect(request?.messages.map(({ role }) => role)).toEqual(['system', 'assistant', 'user']);
    expect(request?.messages[0]?.content).toContain('[1] Two-factor authentication › Reset your 2FA');
    expect(told).toMatchObject([{ model: 'scripted', inputTokens: expect.any(Number) }]);
  });

  it('adds no source that the model did not cite, and none that it made up', async () => {
    server.queue(text('I do not know [9].'));
    expect(await ask('openai')).toBe('I do not know [9].');
  });

  it('finds what is like a word that every object has', () => {
    const index = createKnowledgeIndex([passage('Under construction', 'Construction goes on.')]);
    expect(index.search('constructor', 1)).toMatchObject([{ isInHeading: false }]);
  });

  it('says what the knowledge holds', () => {
    const { knows } = answersOf('offline');
    expect([knows('How do I reset my 2FA?'), knows('Who won the football match?')]).toEqual([true, false]);
  });
});
