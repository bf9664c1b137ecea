import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { forcedFunction } from '../support/forced-function.ts';
import { answerByExamples, openLabelledDesk, shownExamples, strangerRule } from '../support/labelled-desk.ts';
import type { ModelReply, ModelRequest } from '../support/model-reply.ts';
import { startModelServer } from '../support/model-server.ts';
import { runCli } from './cli-process.ts';

function environmentOf(url: string): Record<string, string> {
  return { OPENAI_BASE_URL: url, OPENAI_API_KEY: 'any', MODEL_ATTEMPTS: '1' };
}

function optimise(dir: string, url: string, ...args: readonly string[]) {
  return runCli(['playbook', 'optimise', dir, '--model', 'nearest', '--json', ...args], environmentOf(url));
}

const notes = [`${strangerRule}\u202e`, '', 'Everything is about the garden.'];

function answer(request: ModelRequest): ModelReply {
  if (forcedFunction(request) === 'notes')
    return { kind: 'calls', calls: [{ name: 'notes', arguments: { variants: notes } }] };
  return answerByExamples(request);
}

describe('vagent playbook optimise with a model', () => {
  it('finds the examples and notes that its model understands more by, and shows just these to it', async () => {
    await using desk = await openLabelledDesk();
    await using model = await startModelServer({ untold: answer });
    const { code, stdout, stderr } = await optimise(desk.dir, model.url, '--examples', '12', '--write');
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ by: 'nearest', isAccepted: true, outcome: 'written' });
    expect(report.heldOut.before).toBe(0);
    expect(report.heldOut.after).toBeGreaterThan(report.heldOut.total / 2);
    expect(report.heldOut.interval[0]).toBeGreaterThan(0);
    const prompt = parse(await readFile(join(desk.dir, 'understanding/prompt.yaml'), 'utf8'));
    expect(prompt.instructions).toBe(strangerRule);
    expect(prompt.examples.length).toBeLessThanOrEqual(12);
    // The last messages are those of held-out, with what was found.
    for (const request of model.requests.slice(-report.heldOut.total)) {
      const shown = shownExamples(request).map(({ message }) => message);
      expect(shown).toEqual(prompt.examples.map(({ text }: { text: string }) => text));
    }
    expect(report.cost.calls).toBe(model.requests.length);
    expect(report.cost.inputTokens).toBeGreaterThan(0);
    const { code: checked } = await runCli(['playbook', 'check', '--dir', desk.dir], {});
    expect(checked).toBe(0);
  });

  it('keeps a set of examples only where it is better than all before it', async () => {
    await using desk = await openLabelledDesk();
    await using model = await startModelServer({ untold: answer });
    const { stdout, stderr } = await optimise(desk.dir, model.url, '--examples', '8');
    const kept = [...stderr.matchAll(/(\d+) wrong, kept/g)].map(([, wrong]) => Number(wrong));
    expect(kept.length).toBeGreaterThan(1);
    expect(kept).toEqual(kept.toSorted((a, b) => b - a));
    const { validation } = JSON.parse(stdout);
    expect(validation.total - validation.after).toBe(kept.at(-1));
  });
});
