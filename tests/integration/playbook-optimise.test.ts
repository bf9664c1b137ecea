import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { labelledMessages, openLabelledDesk } from '../support/labelled-desk.ts';
import { thinPlaybook } from '../support/thin-playbook.ts';
import { runCli } from './cli-process.ts';

const labelled = ['paraphrases', 'strangers'].flatMap((name) => [
  '--file',
  fileURLToPath(new URL(`understanding-${name}.yaml`, import.meta.url)),
]);

let dir: string;
beforeAll(async () => {
  dir = await thinPlaybook(20);
});
afterAll(() => rm(dir, { recursive: true }));

async function textsIn(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const texts = await Promise.all(
    files.map(async (file) => [file.slice(folder.length + 1), await readFile(file, 'utf8')] as const),
  );
  return Object.fromEntries(texts);
}

function optimise(folder: string, ...args: readonly string[]) {
  return runCli(['playbook', 'optimise', folder, ...args], {});
}

// Many trials, each of which learns a whole playbook.
const timeout = 480_000;

describe('vagent playbook optimise', { timeout }, () => {
  it('raises held-out of a playbook that has hardly any examples, and writes what checks and leaves all else as it was', async () => {
    // Its own: it is written to.
    const dir = await thinPlaybook(20);
    onTestFinished(() => rm(dir, { recursive: true }));
    const before = await textsIn(dir);
    const { code, stdout, stderr } = await optimise(dir, '--json', '--write', '--budget', '12', ...labelled);
    expect(code).toBe(0);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ by: 'offline', isAccepted: true, outcome: 'written' });
    const { heldOut, validation, labels, cost, files } = report;
    expect(heldOut.total).toBeGreaterThan(200);
    expect(heldOut.after).toBeGreaterThan(heldOut.before);
    expect(heldOut.interval[0]).toBeGreaterThan(0);
    expect(validation.p).toBeLessThanOrEqual(0.05);
    const totals: readonly number[] = labels.map(({ total }: { total: number }) => total);
    expect(totals.reduce((sum, total) => sum + total)).toBe(heldOut.total);
    expect(cost.calls).toBe(0);
    expect(stderr).toContain('1 of at most 12');
    const after = await textsIn(dir);
    expect(Object.keys(after).toSorted()).toEqual(Object.keys(before).toSorted());
    const changed = Object.keys(after).filter((file) => after[file] !== before[file]);
    expect(changed.toSorted()).toEqual(files);
    for (const file of changed) {
      const left = after[file]?.split('\n') ?? [];
      // In the same order, comments among them.
      for (const line of before[file]?.split('\n') ?? []) {
        const at = left.indexOf(line);
        expect({ file, line, at }).toMatchObject({ at: expect.toSatisfy((index: number) => index >= 0) });
        left.splice(0, at + 1);
      }
    }
    const check = await runCli(['playbook', 'check', '--dir', dir], {});
    expect(check).toMatchObject({ code: 0, stderr: '' });
    // What has become an example is measured by no more.
    const again = await optimise(dir, '--json', '--budget', '1', '--messages-only', ...labelled);
    expect(JSON.parse(again.stdout).cases.known).toBeGreaterThan(report.cases.known + 50);
  });

  it('gives the same for the same seed, but for how long it took, and writes nothing untold', async () => {
    const before = await textsIn(dir);
    const run = async (seed: string) => {
      const { stdout } = await optimise(dir, '--json', '--budget', '2', '--seed', seed, '--messages-only');
      const { cost, ...report } = JSON.parse(stdout);
      return { ...report, trials: cost.trials };
    };
    const [first, second, other] = [await run('5'), await run('5'), await run('6')];
    expect(second).toEqual(first);
    expect(other.validation).not.toEqual(first.validation);
    expect(await textsIn(dir)).toEqual(before);
  });

  it('proposes nothing where nothing is to be gained, and says how the example playbook stands', async () => {
    const { code, stdout } = await runCli(['playbook', 'optimise', '--write', '--budget', '1'], {});
    expect(code).toBe(0);
    expect(stdout).toContain('Nothing is proposed and nothing is written.');
    expect(stdout).toMatch(/^held-out, as it stands: \d+ of \d+: 9\d\.\d %/m);
  });

  it('names the labels of which there are too few, and how many are needed', async () => {
    const few = labelledMessages()
      .slice(0, 9)
      .map(
        ({ text, label }) =>
          `- ${JSON.stringify({ text, expect: { command: 'start_flow', flow: label } })}\n`,
      );
    const rare = '- { text: who is there, expect: { command: hand_off } }\n';
    await using desk = await openLabelledDesk({ 'understanding/labelled.yaml': [...few, rare].join('') });
    const { code, stderr } = await optimise(desk.dir);
    expect(code).toBe(1);
    expect(stderr).toContain('10 that differ, where 40 are needed');
    expect(stderr).toContain('hand_off: 1, needs 2 more');
  });

  it('tells the mistakes of a playbook that does not check, and of a labelled file', async () => {
    await using desk = await openLabelledDesk({ 'flows/garden.yaml': 'description: x\nsteps: []\n' });
    const broken = await optimise(desk.dir);
    expect(broken).toMatchObject({ code: 1, stdout: '' });
    expect(broken.stderr).toMatch(/flows\/garden\.yaml:2:\d+ /);
    await using fine = await openLabelledDesk();
    const more = join(fine.dir, 'more.labelled');
    await writeFile(more, '- { text: hi, expect: { command: start_flow, flow: gardn } }\n');
    const wrong = await optimise(fine.dir, '--file', more);
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toMatch(/more\.labelled:1:\d+ there is no flow "gardn"\. Did you mean "garden"\?/);
  });

  it.each([
    [['--force']],
    [['--seed', 'x']],
    [['--budget', '0']],
    [['--examples', '65']],
    [['--provider', 'oracle']],
    [['--model', 'offline', '--provider', 'openai']],
    [['another']],
  ])('refuses %j with a word on what would be right', async (args) => {
    const { code, stderr } = await optimise('folder', ...args);
    expect(code).toBe(2);
    expect(stderr).not.toContain('    at ');
  });
});
