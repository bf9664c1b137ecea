import { describe, expect, it } from 'vitest';
import type { MatrixUser } from '../support/matrix-user.ts';
import type { ModelReply } from '../support/model-reply.ts';
import { useStage } from '../support/system-stage.ts';
import { type Answered, exchange, promptFor } from '../support/system-talk.ts';

const question = 'How do I reset my 2FA?';
/** An agent's work: a statement about one topic, for which there is a procedure. */
const complaint = 'I was charged twice for invoice INV-1042.';
const understood: ModelReply = {
  kind: 'calls',
  calls: [
    {
      name: 'understand',
      arguments: {
        commands: [{ command: 'digress', digression: 'question', topics: ['billing'] }],
        analysis: { topics: ['billing'] },
      },
    },
  ],
};
const fill = (form: string | Readonly<Record<string, unknown>>): ModelReply => ({
  kind: 'calls',
  calls: [{ name: 'understand', arguments: typeof form === 'string' ? form : { ...form } }],
});
const call = (name: string, args: string | Readonly<Record<string, unknown>>): ModelReply => ({
  kind: 'calls',
  calls: [{ name, arguments: typeof args === 'string' ? args : { ...args } }],
});
const text = (words: string): ModelReply => ({ kind: 'text', text: words });

describe('a model that writes nonsense', () => {
  const stage = useStage({
    withModel: true,
    env: { MAX_ATTEMPTS: '2', MODEL_ATTEMPTS: '2', MODEL_IDLE_TIMEOUT_MS: '2000', MODEL_TIMEOUT_MS: '10000' },
  });
  let people = 0;

  interface Nonsense {
    readonly forms?: readonly ModelReply[];
    readonly replies?: readonly ModelReply[];
  }

  /** Somebody asks while the model answers so; then asks something else while it is well again. */
  async function suffer(asked: string, { forms, replies }: Nonsense) {
    const { system, model } = stage();
    people += 1;
    const user = await system.user(`victim-${people}`);
    const room = await system.direct(user);
    // A mark of its own, so that no rule is for another test.
    const marked = `${asked} (${people})`;
    const pattern = new RegExp(`\\(${people}\\)`);
    const before = model.requests.length;
    if (replies !== undefined) model.on(pattern, replies, null);
    // The agent's last word is asked for by a message of ours.
    if (replies !== undefined) model.on(/^No more tools can be used/, replies.slice(-1), null);
    if (forms !== undefined) model.on(pattern, forms, 'understand');
    const answer = await exchange(system, user, room, marked);
    const calls = model.requests.length - before;
    model.on(/^No more tools can be used/, [text('That is all.')], null);
    return { system, user, room, answer, calls };
  }

  async function expectNext(user: MatrixUser, room: string): Promise<void> {
    const next = await exchange(stage().system, user, room, 'What is a passkey?');
    expect(next.kind).toBe('reply');
    expect(next.text).not.toBe('');
  }

  it.each<[string, readonly ModelReply[]]>([
    ['nothing', [text('')]],
    ['prose in place of a form', [text('Sure! Let me think about what this person wants.')]],
    ['JSON that ends in the middle', [fill('{"commands": [{"command": "digress", "dig')]],
    ['a form without commands', [fill({ thoughts: 'hm' })]],
    ['an unknown command', [fill({ commands: [{ command: 'launch_rocket' }] })]],
    ['a flow that does not exist', [fill({ commands: [{ command: 'start_flow', flow: 'coup' }] })]],
    [
      'wrong types everywhere',
      [fill({ commands: [{ command: 7 }, null, 'x'], analysis: [], confidence: 'no' })],
    ],
    ['a thousand commands', [fill({ commands: Array.from({ length: 1_000 }, () => ({ command: 'hm' })) })]],
    ['something that is no completion', [{ kind: 'garbage' }]],
  ])('understands a message by the examples, or asks, when it fills in %s', async (_, forms) => {
    const { user, room, answer, calls } = await suffer(question, { forms });
    expect(answer.kind).toBe('reply');
    expect(answer.text).toMatch(/2FA|authenticat|not sure what you need/i);
    expect(calls).toBeLessThanOrEqual(6);
    await expectNext(user, room);
  });

  const manyInvoices = Array.from({ length: 60 }, (_, index) =>
    call('find_invoice', { invoice_id: `INV-${3_000 + index}` }),
  );
  it.each<[string, readonly ModelReply[]]>([
    ['an unknown tool', [call('launch_rocket', { at: 'noon' })]],
    ['a tool of another agent', [call('reset_two_factor', { username: 'dana', device_lost: true })]],
    ['a call with wrong types', [call('find_invoice', { invoice_id: [7] })]],
    ['a call that is no JSON', [call('find_invoice', '{"invoice_id": ')]],
    ['the same call without end', [call('find_invoice', { invoice_id: 'INV-1042' })]],
    ['other calls without end', manyInvoices],
    [
      'a hundred calls at once',
      [{ kind: 'calls', calls: manyInvoices.concat(manyInvoices).flatMap(callsOf) }],
    ],
    ['nothing', [text('')]],
    [
      'a call without end beside words',
      [{ kind: 'calls', text: 'One moment.', calls: manyInvoices.slice(0, 1).flatMap(callsOf) }],
    ],
  ])('ends the work of an agent in a bounded time when it asks for %s', async (_, replies) => {
    const { system, user, room, answer, calls } = await suffer(complaint, { forms: [understood], replies });
    expect(['reply', 'status']).toContain(answer.kind);
    expect(answer.text.trim()).not.toBe('');
    // Understanding, at least one more try, and the last word.
    expect(calls).toBeGreaterThanOrEqual(3);
    expect(calls).toBeLessThanOrEqual(14);
    if (answer.kind === 'status') {
      const prompt = await promptFor(system, answer.message);
      expect(prompt.text).toMatch(/hand_off|send_reply|refund_invoice/);
    }
    await expectNext(user, room);
  });

  it.each<[string, readonly ModelReply[]]>([
    ['nothing', [text('')]],
    ['calls where it was asked to write', [call('find_invoice', { invoice_id: 'INV-1042' })]],
    ['an answer that it never ends', [{ kind: 'hang', text: 'Well, ' }]],
    ['errors', [{ kind: 'error', status: 500 }]],
  ])('tells the person that it failed, or has somebody look, when an answer is %s', async (_, replies) => {
    const { expectDeadLetters } = stage();
    const asked = fill({
      commands: [{ command: 'digress', digression: 'question', topics: ['account_security'] }],
    });
    const { user, room, answer, calls } = await suffer(question, { forms: [asked], replies });
    expect(['reply', 'status', 'failed']).toContain(answer.kind);
    expect(answer.text.trim()).not.toBe('');
    if (answer.kind === 'failed') expectDeadLetters(1);
    expect(calls).toBeLessThanOrEqual(12);
    await expectNext(user, room);
  });

  it('shows what it wrote in Markdown without end, or a part of it, and goes on', async () => {
    const deep = `${'> '.repeat(3_000)}${'- '.repeat(2_000)}${'**['.repeat(3_000)}done`;
    const { user, room, answer } = await suffer(question, { replies: [text(deep)] });
    expect(['reply', 'status']).toContain(answer.kind);
    await expectNext(user, room);
  });
});

function callsOf(reply: ModelReply) {
  return reply.kind === 'calls' ? reply.calls : [];
}

const longest = 60_000;
const fillUp = (piece: string): string =>
  piece.repeat(Math.ceil(longest / Buffer.byteLength(piece))).slice(0, -1);

const messages: readonly (readonly [string, string])[] = [
  ['60 KB of prose', fillUp('The pipeline of the organisation acme is slow, and nobody knows why it is. ')],
  ['60 KB without a space', 'a'.repeat(longest)],
  ['60 KB of numbers', fillUp('4111 1111 1111 1111 49 EUR INV-1042 ')],
  ['60 KB of question marks', '?'.repeat(longest)],
  ['60 KB of braces', fillUp('{invoice_id} [EMAIL-00000000] ')],
  [
    'several languages at once',
    'Hallo, ich möchte 日本語で refund s’il vous plaît, мой счёт INV-1042, 请帮我, شكرا جزيلا, ขอบคุณ',
  ],
  [
    'right-to-left and zero-width marks',
    '\u202eאיך אני מאפס\u202c \u200b\u200d\ufeff2\u2060F\u00adA\u2069?\u2066 \u061c',
  ],
  ['only marks that nobody sees', '\u200b\u200d\u2060\ufeff\u00ad'],
  ['10,000 line breaks', `${'\n'.repeat(10_000)}help${'\n'.repeat(10_000)}`],
  ['only emoji', '🎉😀👩‍👩‍👧‍👦🏳️‍🌈'.repeat(200)],
  ['quotes in quotes', `${'> '.repeat(5_000)}what now`],
  ['lists in lists', Array.from({ length: 300 }, (_, depth) => `${'  '.repeat(depth % 80)}- x`).join('\n')],
  ['brackets without end', `${'['.repeat(10_000)}x${']('.repeat(10_000)}`],
  ['emphasis without end', '*_**__'.repeat(5_000)],
  ['tables and code', `${'|'.repeat(5_000)}\n${'`'.repeat(5_000)}\n${'<b>'.repeat(3_000)}`],
  ['control characters and half characters', '\u0001\u0007\u001b[31m\ud800 \udfff \u0000help'],
];

describe('a message that nobody expects', () => {
  // What is kept of a message is its beginning.
  const stage = useStage({ checkpoints: false });
  let people = 0;

  async function meet() {
    const { system } = stage();
    people += 1;
    const user = await system.user(`guest-${people}`);
    const room = await system.direct(user);
    return { system, say: (words: string): Promise<Answered> => exchange(system, user, room, words) };
  }

  it.each(messages)('is answered, as the next one is: %s', async (_, message) => {
    const { say } = await meet();
    const answer = await say(message);
    expect(['reply', 'status']).toContain(answer.kind);
    expect(answer.text.trim()).not.toBe('');
    expect((await say(question)).text).toContain('Two-factor authentication');
  });

  it.each(messages)('is no way out of a flow, nor stuck in it: %s', async (_, message) => {
    const { say } = await meet();
    expect((await say('I want a refund for invoice INV-1042')).text).toContain('How much');
    const answer = await say(message);
    expect(['reply', 'status']).toContain(answer.kind);
    expect(answer.text).not.toMatch(/approve `refund_invoice`/);
    const cancelled = await say('never mind, cancel it');
    expect(cancelled.kind).toBe('reply');
    expect((await say(question)).text).toContain('Two-factor authentication');
  });

  it('is asked for again where it is too long for a slot', async () => {
    const { say } = await meet();
    await say('I want a refund of 49 EUR for invoice INV-1042');
    const answer = await say(`because ${fillUp('we were charged twice and ')}`);
    expect(answer.kind).toBe('reply');
    expect(answer.text.length).toBeLessThan(10_000);
    expect((await say('how is my request going?')).text).toContain('in the middle of refund');
  });
});
