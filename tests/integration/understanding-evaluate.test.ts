import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from './cli-process.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vagent-evaluate-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function evaluateFile(yaml: string, ...args: readonly string[]) {
  const file = join(folder, `${Math.random()}.yaml`);
  await writeFile(file, yaml);
  return runCli(['playbook', 'evaluate', '--file', file, ...args], {});
}

const fine = `
- { text: "I want a refund for INV-1042", expect: { command: start_flow, flow: refund, topic: billing } }
- { text: "yes", awaiting: { flow: refund, slot: sure }, expect: { command: set_slot, slot: sure, value: yes } }
- { text: "How do I get a refund?", expect: { command: hand_off } }
`;

describe('vagent playbook evaluate', () => {
  it('prints exactly one JSON object, and ends well also where messages were not understood', async () => {
    const { code, stdout } = await evaluateFile(fine, '--json');
    const result = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(Object.keys(result)).toEqual(['total', 'correct', 'accuracy', 'byCommand', 'failures']);
    expect(result).toMatchObject({
      total: 3,
      correct: 2,
      failures: [
        { text: 'How do I get a refund?', expect: { command: 'hand_off' }, got: { command: 'digress' } },
      ],
    });
    expect(result.byCommand.start_flow).toMatchObject({ precision: 1, recall: 1, f1: 1, support: 1 });
  });

  it('prints accuracy, tables and failures for people', async () => {
    const { code, stdout } = await evaluateFile(fine);
    expect(code).toBe(0);
    for (const part of ['2 of 3', '66.7 %', 'precision', 'expected \\ understood', 'How do I get a refund?'])
      expect(stdout).toContain(part);
  });

  it('measures the held-back half of the own set where no file is named', async () => {
    const { code, stdout } = await runCli(['playbook', 'evaluate', '--json'], {});
    expect(code).toBe(0);
    expect(JSON.parse(stdout).total).toBeGreaterThanOrEqual(75);
  });

  it('tells a mistake in the file with its place and what to do', async () => {
    const { code, stderr } = await evaluateFile('- { text: "hi", expect: { command: dance } }\n');
    expect(code).toBe(1);
    expect(stderr).toMatch(/:1:\d+ /);
    expect(stderr).toContain('start_flow');
  });

  it.each([
    [['--file', '/nowhere.yaml'], 1],
    [['--provider', 'oracle'], 2],
    [['--dir', '/nowhere'], 1],
  ])('refuses %j', async (args, expected) => {
    const { code, stderr } = await runCli(['playbook', 'evaluate', ...args], {});
    expect(code).toBe(expected);
    expect(stderr.trim()).not.toBe('');
    expect(stderr).not.toContain('    at ');
  });

  it('needs the settings of a model for the provider openai', async () => {
    const { code, stderr } = await evaluateFile(fine, '--provider', 'openai');
    expect(code).toBe(78);
    expect(stderr).toContain('OPENAI_API_KEY');
  });
});
