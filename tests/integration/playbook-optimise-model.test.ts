import { once } from 'node:events';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { prepare } from '../../scripts/playbook/optimise/prepare.ts';
import { eventually } from '../support/eventually.ts';
import { forcedFunction } from '../support/forced-function.ts';
import { answerByExamples, openLabelledDesk, shownExamples, strangerRule } from '../support/labelled-desk.ts';
import { lastUserText, type ModelReply, type ModelRequest } from '../support/model-reply.ts';
import { startModelServer } from '../support/model-server.ts';
import { runCli, startCli } from './cli-process.ts';

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

// Hundreds of calls over HTTP.
const timeout = 360_000;

describe('vagent playbook optimise with a model', { timeout }, () => {
  it('finds the examples and notes that its model understands more by, and shows just these to it', async () => {
    await using desk = await openLabelledDesk();
    await using model = await startModelServer({ untold: answer });
    const { code, stdout, stderr } = await optimise(
      desk.dir,
      model.url,
      '--examples',
      '12',
      '--budget',
      '800',
      '--write',
    );
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
    const { stdout, stderr } = await optimise(desk.dir, model.url, '--examples', '8', '--budget', '600');
    const kept = [...stderr.matchAll(/(\d+) wrong, kept/g)].map(([, wrong]) => Number(wrong));
    expect(kept.length).toBeGreaterThan(1);
    expect(kept).toEqual(kept.toSorted((a, b) => b - a));
    const { validation } = JSON.parse(stdout);
    expect(validation.total - validation.after).toBe(kept.at(-1));
  });

  it('shows a desk the same prompt as it was measured with', async () => {
    const prompt = `instructions: Mind the tide.\nexamples:\n  - { text: rope boat, expect: { command: start_flow, flow: harbour } }\n`;
    const dialogue = 'name: Boats\nturns:\n  - { user: a boat please, expect: { says: [Done.] } }\n';
    await using desk = await openLabelledDesk({
      'understanding/prompt.yaml': prompt,
      'dialogues/boats.dialogue.yaml': dialogue,
    });
    await using model = await startModelServer({ untold: answer });
    const played = await runCli(
      ['playbook', 'test', '--dir', desk.dir, '--provider', 'openai'],
      environmentOf(model.url),
    );
    expect(played).toMatchObject({ code: 0, stdout: expect.stringContaining('all as they should') });
    const [request] = model.requests;
    if (request === undefined) throw new Error('The model was not asked');
    expect(shownExamples(request).map(({ message }) => message)).toEqual(['rope boat']);
    expect(JSON.stringify(request.messages[0])).toContain('Mind the tide.');
  });

  it('refuses to write what makes held-out worse, unless it is forced to', async () => {
    await using desk = await openLabelledDesk();
    const { signal } = new AbortController();
    const options = { more: [], withDialogues: false, seed: 3, isOffline: false, env: {}, signal };
    const { split } = await prepare({ dir: desk.dir, ...options });
    const heldOut = new Map(split.heldOut.map(({ text, expect: right }) => [text, right]));
    // Without examples it knows held-out by heart, and with any it forgets all of it.
    await using model = await startModelServer({
      untold: (request) => {
        const right = heldOut.get(lastUserText(request));
        if (right === undefined) return answer(request);
        const commands = shownExamples(request).length === 0 ? [right] : [{ command: 'clarify' }];
        return { kind: 'calls', calls: [{ name: 'understand', arguments: { commands } }] };
      },
    });
    const args = ['--seed', '3', '--budget', '300', '--write'];
    const refused = await optimise(desk.dir, model.url, ...args);
    expect(refused.code).toBe(1);
    expect(JSON.parse(refused.stdout)).toMatchObject({ isAccepted: true, outcome: 'worse' });
    await expect(stat(join(desk.dir, 'understanding/prompt.yaml'))).rejects.toThrow('ENOENT');
    const plain = await runCli(
      ['playbook', 'optimise', desk.dir, '--model', 'nearest', ...args, '--force'],
      environmentOf(model.url),
    );
    expect(plain.code).toBe(0);
    expect(plain.stdout).toMatch(/^difference -\d+\.\d points/m);
    expect(plain.stdout).toContain('Written: understanding/prompt.yaml');
  });

  it('ends with a word where the model is away, or writes nothing usable, and writes nothing', async () => {
    await using desk = await openLabelledDesk();
    const away = await optimise(desk.dir, 'http://127.0.0.1:9/v1', '--write');
    expect(away).toMatchObject({ code: 1, stdout: '' });
    expect(away.stderr).toMatch(/127\.0\.0\.1:9.*nothing is written/s);
    await using model = await startModelServer({ untold: () => ({ kind: 'text', text: 'Sure!' }) });
    const garbage = await optimise(desk.dir, model.url, '--write');
    expect(garbage).toMatchObject({ code: 1, stdout: '' });
    expect(garbage.stderr).toMatch(/10 times in a row.*nothing is written/s);
    // Each message twice at most, a few at a time.
    expect(model.requests.length).toBeLessThan(40);
    await expect(stat(join(desk.dir, 'understanding/prompt.yaml'))).rejects.toThrow('ENOENT');
  });

  it('says how many calls it takes where the budget is too small for any search', async () => {
    await using desk = await openLabelledDesk();
    const { code, stderr } = await optimise(desk.dir, 'http://127.0.0.1:9/v1', '--budget', '50');
    expect(code).toBe(1);
    expect(stderr).toMatch(/--budget 50 is too small: with these cases it takes 1\d\d calls at least/);
  });

  it('stops at once on SIGINT, and writes nothing', async () => {
    await using desk = await openLabelledDesk();
    await using model = await startModelServer({ untold: () => ({ kind: 'hang' }) });
    const args = ['playbook', 'optimise', desk.dir, '--model', 'nearest', '--write'];
    const child = startCli(args, environmentOf(model.url));
    if (child.stderr === null) throw new Error('The process has no output');
    const stderr = readText(child.stderr);
    const ended = once(child, 'close');
    await eventually(() => model.requests.length > 0);
    child.kill('SIGINT');
    await ended;
    expect(child.exitCode).toBe(130);
    expect(await stderr).toContain('Stopped. Nothing is written.');
    await expect(stat(join(desk.dir, 'understanding/prompt.yaml'))).rejects.toThrow('ENOENT');
  });

  it('shows a model nothing of a message with personal data in it', async () => {
    await using desk = await openLabelledDesk();
    const file = join(desk.dir, 'understanding/labelled.yaml');
    const labelled = await readFile(file, 'utf8');
    await writeFile(file, labelled.replaceAll('old ', 'ann@example.org '));
    await using model = await startModelServer({ untold: answer });
    await optimise(desk.dir, model.url, '--budget', '300');
    expect(model.requests.length).toBeGreaterThan(0);
    expect(JSON.stringify(model.requests)).not.toContain('ann@example.org');
  });
});
