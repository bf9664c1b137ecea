import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { problemsOf } from '../support/check-promql.ts';
import { knownMetrics, seriesOf } from '../support/known-metrics.ts';

const folder = new URL('../../k8s/alerts/', import.meta.url);
const rulesFile = new URL('vagent.rules.yaml', folder).pathname;
const testsFile = new URL('tests/vagent.tests.yaml', folder).pathname;
const promtool = '/usr/bin/promtool';

const rule = z.strictObject({
  alert: z.string().regex(/^Vagent[A-Za-z]+$/),
  expr: z.string(),
  for: z.string().optional(),
  labels: z.strictObject({ severity: z.enum(['info', 'warning', 'critical']) }),
  annotations: z.strictObject({
    summary: z.string().min(10).max(120),
    description: z.string().min(40),
    runbook_url: z.string(),
  }),
});
const rulesSchema = z.strictObject({
  groups: z.array(z.strictObject({ name: z.string(), rules: z.array(rule).min(1) })),
});

const rules = rulesSchema
  .parse(parse(await readFile(rulesFile, 'utf8')))
  .groups.flatMap((group) => group.rules);
const run = promisify(execFile);

describe('the alert rules', () => {
  let series: ReadonlyMap<string, ReadonlySet<string>>;
  beforeAll(async () => {
    series = seriesOf(await knownMetrics(inject('redisUrl')));
  });

  it.each(rules)('$alert asks for metrics and labels that services expose', ({ expr }) => {
    expect(problemsOf(expr, series)).toEqual([]);
  });

  it('find what is wrong: an unknown metric, an unknown label, and what does not parse', () => {
    expect(problemsOf('sum(vagent_no_such_total) > 0', series)).toEqual([
      'no service exposes vagent_no_such_total',
    ]);
    expect(problemsOf('sum by (user) (vagent_stream_lag{room="x"})', series)).toEqual([
      'groups by user, which nothing inside has',
      'vagent_stream_lag has no label room',
    ]);
    expect(problemsOf('sum(rate(vagent_dead_letters_total[5m])', series)).not.toEqual([]);
  });

  it('have names of their own, and a runbook each whose name follows from the alert’s', () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    for (const { alert, annotations } of rules) {
      const words = alert.replace(/^Vagent/, '').replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-');
      expect(annotations.runbook_url).toBe(`docs/operate/runbooks/${words.toLowerCase()}.md`);
    }
  });

  it('are listed for people', async () => {
    const list = await readFile(new URL('README.md', folder), 'utf8');
    const listed = list.matchAll(/^\| (Vagent\w+) \| (\w+) \| \[[\w-]+\]\(\.\.\/\.\.\/(\S+)\) \|$/gm);
    expect(Array.from(listed, ([, alert, severity, runbook]) => [alert, severity, runbook])).toEqual(
      rules.map(({ alert, labels, annotations }) => [alert, labels.severity, annotations.runbook_url]),
    );
  });

  it('are taken by Prometheus, and fire when they should and only then', async () => {
    if (!existsSync(promtool)) {
      const reason = `${promtool} is missing (Debian package prometheus): the rules are not checked by Prometheus itself`;
      if (process.env['CI'] !== undefined) throw new Error(reason);
      process.stderr.write(`${reason}\n`);
      return;
    }
    const checked = await run(promtool, ['check', 'rules', rulesFile]);
    expect(checked.stdout).toContain(`SUCCESS: ${rules.length} rules found`);
    const tested = await run(promtool, ['test', 'rules', testsFile]);
    expect(tested.stdout).toContain('SUCCESS');
  });
});
