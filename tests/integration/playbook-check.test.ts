import { spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const example = join(root, 'services/worker/playbook');

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'vagent-check-'));
  await cp(example, dir, { recursive: true });
});

afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function vagent(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['scripts/vagent.ts', 'playbook', ...args], {
      cwd: root,
      env: { PATH: process.env['PATH'] ?? '', NO_COLOR: '1', ...env },
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (part) => {
      stdout += String(part);
    });
    child.stderr.on('data', (part) => {
      stderr += String(part);
    });
    child.on('error', reject).on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

async function edit(file: string, part: string, replacement: string): Promise<void> {
  const text = await readFile(join(dir, file), 'utf8');
  expect(text).toContain(part);
  await writeFile(join(dir, file), text.replace(part, replacement));
}

describe('vagent playbook check', () => {
  it('says in one line that the example is fine, with counts and version', async () => {
    const { code, stdout } = await vagent(['check']);
    expect(stdout).toMatch(
      /^✓ Forgebase support desk \(.*\) is fine: 7 agents, \d+ flows, \d+ SOPs, \d+ passages, \d+ tools, \d+ dialogues, version [0-9a-f]{12}\n$/,
    );
    expect(code).toBe(0);
  });

  it('tells every mistake with file, line, column and hint, in order, and exits with 1', async () => {
    await edit('flows/refund.yaml', 'on_failure: not_found', 'on_failure: not_fund');
    await edit('agents/billing.yaml', 'tools: [find_invoice,', 'tools: [find_invoices,');
    await edit('understanding/labelled.yaml', 'flow: refund', 'flow: refunds');
    const { code, stdout } = await vagent(['check', '--dir', dir]);
    expect(code).toBe(1);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.at(-1)).toMatch(/^\d+ mistakes$/);
    expect(lines).toContainEqual(
      expect.stringMatching(
        /^flows\/refund\.yaml:\d+:5 there is no step "not_fund"\. Did you mean "not_found"\?$/,
      ),
    );
    expect(lines).toContainEqual(
      expect.stringMatching(/^agents\/billing\.yaml:\d+:9 there is no tool "find_invoices"\. Did you mean/),
    );
    expect(lines[0]).toMatch(/^agents\//);
  });

  it('checks tests against a playbook that is fine', async () => {
    await edit('understanding/labelled.yaml', 'flow: refund', 'flow: refunds');
    const { code, stdout } = await vagent(['check'], { PLAYBOOK_DIR: dir });
    expect(stdout).toMatch(
      /^understanding\/labelled\.yaml:\d+:\d+ there is no flow "refunds"\. Did you mean "refund"\?\n\n1 mistake\n$/,
    );
    expect(code).toBe(1);
  });

  it('tells programs the same as JSON', async () => {
    await edit('flows/refund.yaml', 'type: money', 'type: monny');
    const { code, stdout } = await vagent(['check', '--dir', dir, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      problems: [
        {
          file: 'flows/refund.yaml',
          column: 5,
          message: 'there is no type "monny"',
          hint: 'Did you mean "money"?',
        },
      ],
    });
    expect(code).toBe(1);
    expect(JSON.parse((await vagent(['check', '--json'])).stdout)).toMatchObject({
      ok: true,
      counts: { agents: 7 },
      problems: [],
    });
  });

  it('does not print what could move a terminal', async () => {
    await edit('playbook.yaml', 'name: Forgebase support desk', 'name: "Desk \\e[2J"');
    expect((await vagent(['check', '--dir', dir])).stdout).not.toContain('\u001B');
  });

  it('says what is missing in a folder that is none', async () => {
    const { code, stdout } = await vagent(['check', '--dir', join(dir, 'nowhere')]);
    expect(stdout).toContain('is not there. Check PLAYBOOK_DIR');
    expect(code).toBe(1);
  });

  it('says which commands there are', async () => {
    expect(await vagent([])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('check, test, evaluate, optimise or procedures'),
    });
    expect(await vagent(['chek'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('playbook check'),
    });
  });
});
