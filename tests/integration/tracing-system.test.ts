import { afterAll, describe, expect, it } from 'vitest';
import { shortDigest } from '#runtime/short-digest';
import { eventually } from '../support/eventually.ts';
import { useStage } from '../support/system-stage.ts';
import { answerTo, askForDeletion, outcomeOf } from '../support/system-talk.ts';
import { type CollectedSpan, startTraceCollector } from '../support/trace-collector.ts';

const collector = await startTraceCollector();
afterAll(() => collector[Symbol.asyncDispose]());

/** All spans of the trace in which ingress received this event, once it holds spans of these names. */
async function traceOf(eventId: string, names: readonly string[]): Promise<CollectedSpan[]> {
  const look = (): CollectedSpan[] | undefined => {
    const first = collector.spans.find(
      ({ service, attributes }) =>
        service === 'ingress' && attributes['vagent.turn'] === shortDigest(eventId),
    );
    const trace = collector.spans.filter(({ traceId }) => traceId === first?.traceId);
    return names.every((name) => trace.some((span) => span.name === name)) ? trace : undefined;
  };
  return eventually(look, { withinMs: 20_000, everyMs: 100, what: `the trace of ${eventId}` });
}

/** `service name`, from the root to this span. */
function pathOf(span: CollectedSpan, trace: readonly CollectedSpan[]): string[] {
  const parent = trace.find(({ spanId }) => spanId === span.parent);
  const own = `${span.service} ${span.name}`;
  return parent === undefined ? [own] : [...pathOf(parent, trace), own];
}

function pathsOf(trace: readonly CollectedSpan[]): string[] {
  return trace.map((span) => pathOf(span, trace).join(' > '));
}

describe('traces of a whole system', () => {
  const stage = useStage({ withModel: true, env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url } });

  it('join a message and its reply across ingress, worker and egress', async () => {
    const { system } = stage();
    const ann = await system.user('ann');
    const room = await system.direct(ann);
    const asked = await ann.say(room, 'How do I reset my 2FA?');
    await answerTo(system, room, asked);
    const trace = await traceOf(asked, ['receive', 'turn', 'understand', 'model', 'commit', 'post']);
    const paths = pathsOf(trace);
    expect(paths).toEqual(
      expect.arrayContaining([
        'ingress receive',
        'ingress receive > worker turn',
        'ingress receive > worker turn > worker understand',
        'ingress receive > worker turn > worker understand > worker model',
        'ingress receive > worker turn > worker commit',
        'ingress receive > worker turn > egress post',
        'ingress receive > worker turn > egress post > egress commit',
      ]),
    );
    const turn = trace.find(({ name }) => name === 'turn');
    expect(turn).toMatchObject({
      kind: 5,
      hasFailed: false,
      attributes: { 'vagent.type': 'message.received', 'vagent.outcome': 'replied', 'vagent.attempt': 1 },
    });
    const model = trace.find(({ name }) => name === 'model');
    expect(model?.attributes).toMatchObject({ 'gen_ai.usage.input_tokens': expect.any(Number) });
    // What is in flight between the services shows as the gap between the spans.
    expect(new Set(trace.map(({ traceId }) => traceId)).size).toBe(1);
  });

  it('join a decision, the action that it allows, and what people are told of it', async () => {
    const { system } = stage();
    const { message, prompt } = await askForDeletion(system, 'ben', 'Apollo');
    const request = await traceOf(message, ['receive', 'turn', 'post', 'set']);
    expect(pathsOf(request)).toContain('ingress receive > worker turn > clock set');
    const [rita] = system.reviewers;
    const decision = await rita.reply(system.adminRoom, prompt.event.event_id, 'approve');
    await outcomeOf(system, prompt);
    const trace = await traceOf(decision, ['receive', 'turn', 'tool', 'post']);
    const paths = pathsOf(trace);
    expect(paths).toContain('ingress receive > worker turn > worker tool');
    expect(
      paths.filter((path) => path === 'ingress receive > worker turn > egress post').length,
    ).toBeGreaterThan(1);
    expect(trace.find(({ name }) => name === 'tool')?.attributes).toEqual({
      'vagent.tool': 'delete_records',
      'vagent.decision': 'approve',
      'vagent.status': 'done',
    });
    expect(trace.find(({ name }) => name === 'turn')?.attributes).toMatchObject({
      'vagent.type': 'approval.decided',
      'vagent.outcome': 'approved',
    });
  });

  it('T29: hold no user, room, event, or word that was said', async () => {
    const { system } = stage();
    const raw = collector.raw.join('\n');
    expect(collector.spans.length).toBeGreaterThan(10);
    expect(raw).not.toMatch(/[@!$][\w.=/+-]+:[\w.-]+/);
    for (const { roomId } of system.rooms) expect(raw).not.toContain(roomId);
    for (const word of ['Apollo', '2FA', 'ann', 'ben', 'rita'])
      expect(raw).not.toMatch(new RegExp(`\\b${word}\\b`));
    const allowed =
      /^(vagent\.(type|session|turn|entry|partition|attempt|outcome|is_new|by|commands|tool|status|decision|agent|steps|call|model_error)|gen_ai\.[a-z_.]+|error\.type)$/;
    for (const { attributes } of collector.spans) {
      for (const name of Object.keys(attributes)) expect(name).toMatch(allowed);
    }
  });
});
