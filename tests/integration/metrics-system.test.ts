import { describe, expect, inject, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { knownMetrics, serviceNames } from '../support/known-metrics.ts';
import { useStage } from '../support/system-stage.ts';
import { answerTo, askForDeletion, exchange, outcomeOf } from '../support/system-talk.ts';

/** Names by their TYPE lines: also of what has no value yet. */
async function namesAt(url: string): Promise<string[]> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Array.from(text.matchAll(/^# TYPE (\S+) /gm), ([, name = '']) => name).filter((name) =>
    name.startsWith('vagent_'),
  );
}

describe('the metrics of a running system', () => {
  const stage = useStage({ withModel: true, replicas: { gateway: 1 } });
  const worker = (name: string, labels: Record<string, string> = {}): Promise<number> =>
    stage().system.process('worker-1').metric(`vagent_${name}`, labels);
  const becomes = (what: string, read: () => Promise<number>, value: number): Promise<unknown> =>
    eventually(async () => (await read()) === value, { withinMs: 15_000, what: `${what} is ${value}` });

  it('are those that dashboards, alerts and their tests go by, in every service', async () => {
    const known = await knownMetrics(inject('redisUrl'));
    for (const service of serviceNames) {
      const shown = await namesAt(stage().system.process(`${service}-1`).url);
      const expected = (known.get(service) ?? [])
        .map(({ name }) => name)
        .filter((name) => name.startsWith('vagent_'));
      expect(shown.sort(), service).toEqual(expected.sort());
    }
  });

  it('follow a message from ingress to its reply', async () => {
    const { system } = stage();
    const ann = await system.user('ann');
    const room = await system.direct(ann);
    await exchange(system, ann, room, 'How do I reset my 2FA?');
    const ingress = system.process('ingress-1');
    expect(await ingress.metric('vagent_ingress_entries_total', { type: 'message.received' })).toBe(1);
    expect(await worker('entries_finished_total', { type: 'message.received', outcome: 'replied' })).toBe(1);
    expect(await worker('entry_waiting_seconds_count', { type: 'message.received' })).toBe(1);
    expect(await worker('model_calls_total', { call: 'fill', outcome: 'ok' })).toBeGreaterThan(0);
    expect(await worker('model_tokens_total', { direction: 'in' })).toBeGreaterThan(0);
    expect(await worker('understanding_seconds_count', { by: 'model', outcome: 'ok' })).toBe(1);
    const egress = system.process('egress-1');
    expect(await egress.metric('vagent_egress_events_total', { kind: 'reply' })).toBeGreaterThan(0);
    expect(
      await egress.metric('vagent_matrix_requests_total', { what: 'send', result: 'ok' }),
    ).toBeGreaterThan(0);
    expect(await egress.metric('vagent_entries_finished_total', { type: 'reply.finished' })).toBe(1);
    expect(await system.process('clock-1').metric('vagent_redis_memory_used_bytes')).toBeGreaterThan(0);
  });

  it('follow an approval from the request to the action', async () => {
    const { system } = stage();
    const { prompt } = await askForDeletion(system, 'ben', 'Apollo');
    await becomes('open approvals', () => worker('approvals_open'), 1);
    expect(await worker('approvals_requested_total')).toBe(1);
    expect(await worker('approvals_oldest_open_seconds')).toBeGreaterThan(0);
    expect(await worker('tool_calls_total', { tool: 'delete_records', status: 'proposed' })).toBe(1);
    const [rita] = system.reviewers;
    const decision = await rita.reply(system.adminRoom, prompt.event.event_id, 'approve');
    await outcomeOf(system, prompt);
    expect(await worker('approval_decisions_total', { decision: 'approve', outcome: 'approved' })).toBe(1);
    expect(await worker('approvals_resolved_total', { status: 'approved' })).toBe(1);
    expect(await worker('approval_decision_seconds_count', { status: 'approved' })).toBe(1);
    expect(
      await worker('tool_calls_total', { tool: 'delete_records', status: 'done', approved: 'true' }),
    ).toBe(1);
    await becomes('open approvals', () => worker('approvals_open'), 0);
    expect(decision).toMatch(/^\$/);
  });

  it('count what a model failed at by its kind, and who understood in its place', async () => {
    const { system, model } = stage();
    const cleo = await system.user('cleo');
    const room = await system.direct(cleo);
    // A text where a call of a function was asked for.
    model.on(/reset my 2FA today/, [{ kind: 'text', text: 'In the settings [1].' }]);
    await exchange(system, cleo, room, 'How do I reset my 2FA today?');
    expect(await worker('model_calls_total', { call: 'fill', outcome: 'garbage' })).toBe(1);
    expect(await worker('understanding_seconds_count', { by: 'examples', outcome: 'ok' })).toBe(1);
  });

  it('tell how much waits, and how long, while nobody can send', async () => {
    const { system, script } = stage();
    const egress = system.process('egress-1');
    await script({ action: 'rate-limit', path: '/send/', user: system.botId, times: 1, bodyMs: 1_500 });
    const dora = await system.user('dora');
    const room = await system.direct(dora);
    const asked = await dora.say(room, 'How do I reset my 2FA?');
    await answerTo(system, room, asked);
    expect(await egress.metric('vagent_matrix_requests_total', { result: 'rate_limited' })).toBeGreaterThan(
      0,
    );
    expect(await egress.metric('vagent_matrix_told_to_wait_seconds_total')).toBeGreaterThanOrEqual(1.5);
    expect(await egress.metric('vagent_entries_told_to_wait_total')).toBeGreaterThan(0);
    await becomes('the lag', () => egress.metric('vagent_stream_lag'), 0);
  });

  it('T29: name nobody and no room', async () => {
    const { system } = stage();
    const texts = await Promise.all(
      system.processes().map(async ({ url }) => (await fetch(`${url}/metrics`)).text()),
    );
    const all = texts.join('\n');
    expect(all.length).toBeGreaterThan(10_000);
    expect(all).not.toMatch(/[@!$][\w.=/+-]+:[\w.-]+/);
    for (const { roomId } of system.rooms) expect(all).not.toContain(roomId);
    for (const name of ['ann', 'ben', 'rita', 'Apollo', '2FA'])
      expect(all).not.toMatch(new RegExp(`\\b${name}\\b`));
  });
});
