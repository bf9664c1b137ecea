import { describe, expect, it } from 'vitest';
import type { ChatModel } from '#models/chat-model';
import { ModelError } from '#models/errors';
import { createMetrics } from '#runtime/create-metrics';
import { noTracing } from '#runtime/tracing';
import { createAgentMetrics } from './agent-metrics.ts';
import { observeModels } from './observe-models.ts';

const { signal } = new AbortController();
const request = { messages: [], onText: () => undefined, signal };

function open(write: ChatModel['write']) {
  const refuse = async (): Promise<never> => Promise.reject(new Error('not asked for'));
  const model: ChatModel = { write, fill: refuse, act: refuse };
  const metrics = createMetrics({ service: 'test' });
  const observer = { metrics: createAgentMetrics(metrics), tracing: noTracing };
  const prices = { big: { input: 2, output: 10 } };
  const models = observeModels((name) => (name === 'none' ? undefined : model), observer, {
    usualName: 'big',
    prices,
  });
  return { models, text: () => metrics.registry.metrics() };
}

describe('observeModels', () => {
  it('counts calls, tokens and what they cost, and tells the caller what was used', async () => {
    const { models, text } = open(async ({ onUsage }) => {
      onUsage?.({ model: 'big', inputTokens: 1_000_000, outputTokens: 500_000 });
      return 'a text';
    });
    const used: unknown[] = [];
    expect(await models()?.write({ ...request, onUsage: (usage) => used.push(usage) })).toBe('a text');
    expect(used).toEqual([{ model: 'big', inputTokens: 1_000_000, outputTokens: 500_000 }]);
    const shown = await text();
    expect(shown).toContain(
      'vagent_model_calls_total{model="big",call="write",outcome="ok",service="test"} 1',
    );
    expect(shown).toContain('vagent_model_tokens_total{model="big",direction="in",service="test"} 1000000');
    expect(shown).toContain('vagent_model_tokens_total{model="big",direction="out",service="test"} 500000');
    expect(shown).toContain('vagent_model_cost_total{model="big",service="test"} 7');
  });

  it('counts failures by their kind, and throws them on', async () => {
    const error = new ModelError('rate_limited', 'too many');
    const { models, text } = open(async () => Promise.reject(error));
    await expect(models('small')?.write(request)).rejects.toBe(error);
    expect(await text()).toContain('{model="small",call="write",outcome="rate_limited",service="test"} 1');
  });

  it('calls a call that was given up aborted, whatever it threw', async () => {
    const lost = new AbortController();
    const { models, text } = open(async () => {
      lost.abort();
      throw new ModelError('timeout', 'late');
    });
    await expect(models()?.write({ ...request, signal: lost.signal })).rejects.toThrow('late');
    expect(await text()).toContain('outcome="aborted"');
  });

  it('makes no model where there is none', () => {
    expect(open(async () => '').models('none')).toBeUndefined();
  });
});
