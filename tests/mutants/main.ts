import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs, styleText } from 'node:util';
import { allMutants } from './all-mutants.ts';
import { checkTests } from './check-tests.ts';
import { copyTree } from './copy-tree.ts';
import type { Mutant } from './mutant.ts';
import { type Fate, tryMutant } from './try-mutant.ts';

/**
 * Tests the tests: puts one bug after the other into a copy of the code, and each must be caught by the tests that are
 * named for what it breaks. Exits with 1 unless all are.
 *
 *     node tests/mutants/main.ts [--only NAME]… [--list]
 */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { only: { type: 'string', multiple: true }, list: { type: 'boolean', default: false } },
  });
  const unknown = values.only?.find((name) => !allMutants.some((mutant) => mutant.name === name));
  if (unknown !== undefined) {
    say(`There is no mutant "${unknown}"; --list shows all`);
    return 2;
  }
  const mutants = allMutants.filter(({ name }) => values.only?.includes(name) ?? true);
  if (values.list) {
    for (const { name, breaks, test, title } of mutants) {
      say(`${name.padEnd(width)}  ${breaks}\n${' '.repeat(width)}  ${test}${title ? ` -t '${title}'` : ''}`);
    }
    return 0;
  }
  return judge(mutants);
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const width = Math.max(...allMutants.map(({ name }) => name.length));

async function judge(mutants: readonly Mutant[]): Promise<number> {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => stop.abort(new Error(`ended by ${name}`)));
  }
  const { signal } = stop;
  await using tree = await copyTree(root);
  const begun = performance.now();
  const problems = await checkTests(tree, mutants, signal);
  if (signal.aborted) return 130;
  if (problems.length > 0) {
    say(
      styleText('red', 'Tests fail on the code as it is, so that what they say about mutants is worthless:'),
    );
    for (const problem of problems) say(`  ${problem}`);
    say('0 passed, 1 failed');
    return 1;
  }
  say(`all tests of ${mutants.length} mutants pass on the code as it is (${secondsSince(begun)})`);
  let passed = 0;
  for (const mutant of mutants) {
    const from = performance.now();
    const fate = await tryMutant(tree, mutant, signal);
    if (signal.aborted) return 130;
    if (fate.kind === 'caught') passed += 1;
    say(`${describe(mutant, fate)} (${secondsSince(from)})`);
  }
  say(`${passed} passed, ${mutants.length - passed} failed`);
  return passed === mutants.length ? 0 : 1;
}

function describe({ name, breaks, test }: Mutant, fate: Fate): string {
  const start = name.padEnd(width);
  const again = `\n  ${breaks}\n  again: npm run test:mutants -- --only ${name}`;
  switch (fate.kind) {
    case 'caught':
      return `${styleText('green', '✓')} ${start}  caught by “${fate.by}”`;
    case 'survived':
      return `${styleText('red', `✗ ${start}  SURVIVED ${test}`)}${again}`;
    case 'void':
      return `${styleText('red', `✗ ${start}  ${fate.reason}`)}${again}`;
    default:
      return fate satisfies never;
  }
}

function secondsSince(from: number): string {
  return `${((performance.now() - from) / 1_000).toFixed(1)} s`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

process.exitCode = await main();
