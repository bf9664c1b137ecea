import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { test } from '../../scripts/playbook/test.ts';

const example = fileURLToPath(new URL('../../services/worker/playbook', import.meta.url));
let dir: string;

/** The example playbook with two short dialogues in place of its own; the second one does not go as it should. */
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'vagent-dialogues-'));
  await cp(example, dir, { recursive: true });
  await rm(join(dir, 'dialogues'), { recursive: true });
  await cp(join(example, 'dialogues/question.dialogue.yaml'), join(dir, 'dialogues/question.dialogue.yaml'));
  await writeFile(
    join(dir, 'dialogues/wrong.dialogue.yaml'),
    'name: It goes another way\nturns:\n  - user: I need a refund\n    expect:\n      says: [no refunds here]\n',
  );
});
afterAll(() => rm(dir, { recursive: true, force: true }));

async function run(...args: readonly string[]): Promise<{ code: number; out: string }> {
  const stdout = new PassThrough();
  // Neither is read or written as a terminal.
  const terminal = { stdin: process.stdin, stdout, stderr: stdout, env: {} } as never;
  const code = await test.run(['--dir', dir, ...args], terminal);
  stdout.end();
  return { code, out: await text(stdout) };
}

describe('vagent playbook test', () => {
  it('exits with 0 when every dialogue went as it should', async () => {
    const { code, out } = await run('--provider', 'offline', '--only', 'question');
    expect(out).toMatch(/✓ A question is answered .* offline, 3 turns/);
    expect(code).toBe(0);
  });

  it('tells place and what was said instead, and exits with 1', async () => {
    const { code, out } = await run('--provider', 'offline');
    expect(out).toMatch(/✗ It goes another way/);
    expect(out).toMatch(/dialogues\/wrong\.dialogue\.yaml:5 turn 1: I need a refund/);
    expect(out).toMatch(/expected {2}it says "no refunds here"\n {6}instead {3}"Which invoice is it\?/);
    expect(out).toContain('2 dialogues played, 1 of them not as they should.');
    expect(code).toBe(1);
  });

  it('gives one JSON object per dialogue', async () => {
    const { out } = await run('--provider', 'offline', '--only', 'another way', '--json');
    const outcome: unknown = JSON.parse(out);
    expect(outcome).toMatchObject({
      provider: 'offline',
      name: 'It goes another way',
      failures: [{ line: 5, turn: 1 }],
    });
  });

  it('shows what was said', async () => {
    const { out } = await run('--provider', 'offline', '--only', 'another way', '--show');
    expect(out).toMatch(/> I need a refund\n {6}Which invoice is it\?/);
  });

  it('says what is missing for a real model', async () => {
    await expect(run('--provider', 'openai')).rejects.toThrow(/OPENAI_API_KEY/);
  });

  it('says which providers and dialogues there are', async () => {
    await expect(run('--provider', 'magic')).rejects.toThrow(/offline, scripted, openai/);
    await expect(run('--only', 'magic')).rejects.toThrow(/It goes another way/);
  });
});
