import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { gatewaySecret, signToken } from '../support/gateway-access.ts';
import { everythingIn } from '../support/system-redis.ts';
import { useStage } from '../support/system-stage.ts';
import { answerTo, askForDeletion, everShown, exchange, outcomeOf } from '../support/system-talk.ts';
import { startTraceCollector } from '../support/trace-collector.ts';

const collector = await startTraceCollector();
afterAll(() => collector[Symbol.asyncDispose]());

const modelKey = 'canary-key-of-the-model-0123456789';
const collectorKey = 'canary-key-of-the-collector';
const payloadKey = Buffer.from('canary bytes of a payload key 32').toString('base64');

/** What people write of themselves; all but the last two comes back to its own writer. */
const personal = {
  email: 'canary.bird@mail.example.org',
  phone: '+49 30 98765432',
  iban: 'DE89 3704 0044 0532 0130 00',
  ip: '203.0.113.77',
  card: '4111 1111 1111 1111',
  token: 'fbt_CaNaRy0123456789',
};
const about = `Mail ${personal.email}, call ${personal.phone}, pay ${personal.iban}, from ${personal.ip}; card ${personal.card}, key ${personal.token}.`;

describe('secrets and personal data, with a key for payloads, a model, traces and logs at debug', () => {
  const stage = useStage({
    withModel: true,
    checkpoints: false,
    replicas: { gateway: 1 },
    env: {
      PAYLOAD_KEY: payloadKey,
      OPENAI_API_KEY: modelKey,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_HEADERS: `x-key=${collectorKey}`,
      LOG_LEVEL: 'debug',
    },
  });
  let userToken = '';
  let everything = '';
  let places: Readonly<Record<string, string>> = {};

  /** People talk over Matrix and HTTP, approve, and meet a model that repeats its key in an error. */
  beforeAll(async () => {
    const { system, model } = stage();
    const ann = await system.user('ann');
    const room = await system.direct(ann);
    await exchange(system, ann, room, `How do I reset my 2FA? ${about}`);
    const { prompt } = await askForDeletion(system, 'ben', 'Apollo');
    const [rita] = system.reviewers;
    await rita.reply(system.adminRoom, prompt.event.event_id, 'approve');
    await outcomeOf(system, prompt);
    userToken = await signToken('zoe', 'user');
    await askGateway(`How do I reset my 2FA? ${about}`);
    const refusal = {
      kind: 'error',
      status: 401,
      message: `Incorrect API key provided: ${modelKey}`,
    } as const;
    model.on(/which the model refuses/, [refusal]);
    stage().expectDeadLetters(1);
    const refused = await ann.say(room, `A question which the model refuses. ${about}`);
    await answerTo(system, room, refused);
    await eventually(() => collector.spans.some(({ service }) => service === 'egress'), { withinMs: 10_000 });
    everything = await everythingIn(system.redis);
    const metrics = await Promise.all(
      system.processes().map(async ({ url }) => (await fetch(`${url}/metrics`)).text()),
    );
    places = {
      logs: system.logs(),
      redis: everything,
      metrics: metrics.join('\n'),
      spans: collector.raw.join('\n'),
      'admin room': (await everShown(system, system.adminRoom)).join('\n'),
    };
  }, 180_000);

  async function askGateway(message: string): Promise<void> {
    const response = await fetch(`${stage().system.process('gateway-1').url}/api/v1/process_message`, {
      method: 'POST',
      headers: { authorization: `Bearer ${userToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ message }),
      signal: AbortSignal.timeout(30_000),
    });
    const answer = await response.text();
    expect(response.status, answer).toBe(200);
    expect(answer).toContain('event: done');
  }

  /** Where these values stand, in clear or as URLs and base64 carry them. */
  function found(values: readonly string[]): string[] {
    const forms = values.flatMap((value) => [
      value,
      encodeURIComponent(value),
      Buffer.from(value).toString('base64'),
    ]);
    return Object.entries(places).flatMap(([place, text]) =>
      forms.filter((form) => text.includes(form)).map((form) => `${place}: ${form}`),
    );
  }

  it('are looked for where there is something to find', () => {
    expect(places['logs']).toMatch(/debug|info/);
    expect(places['logs']).toContain('dead letter');
    expect(everything).toContain('enc1.');
    expect(places['metrics']).toContain('vagent_entries_finished_total');
    expect(collector.spans.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['receive', 'turn', 'model', 'post']),
    );
    expect(places['admin room']).toContain('Apollo');
  });

  it('T18: no secret of the settings stands in logs, Redis, metrics, spans or rooms', async () => {
    const { system } = stage();
    const password = `pw-${system.botId.slice(1, system.botId.indexOf(':'))}`;
    expect(found([modelKey, collectorKey, payloadKey, gatewaySecret, password])).toEqual([]);
  });

  it('T18: no token of the bot or of a caller does', async () => {
    const { system } = stage();
    const keys = (await system.redis.keys('*:token:*')).filter((key) => !key.endsWith(':lock'));
    const sealed = await Promise.all(keys.map(async (key) => (await system.redis.get(key)) ?? ''));
    const tokens = sealed.map((text) => system.openBody(text));
    expect(tokens.length).toBeGreaterThan(1);
    for (const token of tokens) expect(token).toMatch(/^\S{10,}$/);
    expect(found([...tokens, userToken])).toEqual([]);
  });

  it('T19: no personal data stands there, and none has reached the model', () => {
    const values = Object.values(personal);
    expect(found(values)).toEqual([]);
    const asked = JSON.stringify(stage().model.requests.map(({ messages }) => messages));
    expect(asked).toMatch(/\[EMAIL-/);
    expect(values.filter((value) => asked.includes(value))).toEqual([]);
  });

  it('T29: metrics and spans name nobody, no room and no conversation', () => {
    const shown = `${places['metrics']}\n${places['spans']}`;
    expect(shown).not.toMatch(/[@!$][\w.=/+-]+:[\w.-]+/);
    for (const name of ['ann', 'ben', 'rita', 'zoe', 'Apollo', '2FA']) {
      expect(shown).not.toMatch(new RegExp(`\\b${name}\\b`));
    }
  });

  it('T19: lines of a turn are joined by digest, turn and trace', () => {
    const lines = (places['logs'] ?? '').split('\n').filter((line) => line.includes('"sessionDigest"'));
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) {
      expect(line).toMatch(/"sessionDigest":"[0-9a-f]{12}"/);
      expect(line).toMatch(/"turn":"/);
      expect(line).toMatch(/"trace":"[0-9a-f]{32}"/);
    }
  });
});
