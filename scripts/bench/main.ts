import { writeFile } from 'node:fs/promises';
import { arch, cpus, platform } from 'node:os';
import { openBench } from './bench.ts';
import { formatResults, verdictOf } from './format-results.ts';
import { type BenchOptions, readOptions } from './read-options.ts';
import type { Result, Row } from './row.ts';
import { rows } from './rows.ts';

const usage = `npm run bench -- [options]
  --rounds N    rounds of each comparison, of which the median counts (default 5)
  --turns N     turns of a worker in one round (default 640)
  --only NAMES  just these rows: ${rows.map(({ name }) => name).join(', ')}
  --json PATH   also writes the results there
`;

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const options = optionsOrUsage();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
process.exitCode = options === undefined ? 64 : await bench(options);

function optionsOrUsage(): BenchOptions | undefined {
  try {
    const read = readOptions(process.argv.slice(2));
    const unknown = read.only.find((name) => !rows.some((row) => row.name === name));
    if (unknown !== undefined) throw new TypeError(`--only names ${unknown}: there is no such row`);
    return read;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    process.stderr.write(`${error.message}\n\n${usage}`);
    return undefined;
  }
}

/** Runs the rows one after the other and prints the table. Resolves to the exit code: a missed goal is no failure. */
async function bench(options: BenchOptions): Promise<number> {
  const machine = `Node ${process.version}, ${platform()} ${arch()}, ${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}`;
  say(`${machine}; ${options.rounds} rounds, ${options.turns} turns\n`);
  const results: (Result & { row: string })[] = [];
  await using shared = await openBench(options);
  for (const row of rows.filter(({ name }) => options.only.length === 0 || options.only.includes(name))) {
    say(`${row.name}: ${row.measures}`);
    const found = await run(row, shared);
    results.push(...found.map((result) => ({ row: row.name, ...result })));
  }
  say(`\n${formatResults(results)}`);
  if (options.json !== undefined) {
    const judged = results.map((result) => ({ ...result, verdict: verdictOf(result) }));
    const written = { at: new Date().toISOString(), machine, options, results: judged };
    await writeFile(options.json, `${JSON.stringify(written, undefined, 2)}\n`);
  }
  return 0;
}

async function run(row: Row, shared: Parameters<Row['run']>[0]): Promise<readonly Result[]> {
  const startedAt = performance.now();
  const found = await row.run(shared);
  process.stderr.write(`  ${((performance.now() - startedAt) / 1000).toFixed(1)} s\n`);
  return found;
}
