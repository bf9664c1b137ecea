import { readdir, readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { problemsOf } from '../support/check-promql.ts';
import { knownMetrics, seriesOf } from '../support/known-metrics.ts';

const folder = new URL('../../k8s/dashboards/', import.meta.url);
const datasource = z.object({ type: z.literal('prometheus'), uid: z.string().regex(/^\$\{datasource\}$/) });
const place = z.object({ x: z.int(), y: z.int(), w: z.int(), h: z.int() });
const row = z.object({ id: z.int(), type: z.literal('row'), title: z.string(), gridPos: place });
const chart = z.object({
  id: z.int(),
  type: z.enum(['stat', 'timeseries', 'heatmap', 'bargauge', 'piechart']),
  title: z.string().min(3),
  description: z.string().min(10),
  datasource,
  gridPos: place,
  fieldConfig: z.object({ defaults: z.looseObject({ unit: z.string() }) }),
  targets: z.array(z.object({ refId: z.string(), expr: z.string(), datasource })).min(1),
});
const dashboard = z.object({
  uid: z.string(),
  title: z.string().startsWith('vagent / '),
  description: z.string().min(20),
  tags: z.array(z.string()),
  schemaVersion: z.int(),
  templating: z.object({
    list: z.array(
      z.object({
        name: z.string(),
        type: z.enum(['datasource', 'query']),
        definition: z.string().optional(),
      }),
    ),
  }),
  panels: z.array(z.discriminatedUnion('type', [row, chart])),
});

const files = (await readdir(folder)).filter((name) => name.endsWith('.json'));
const boards = await Promise.all(
  files.map(async (file) => ({
    file,
    board: dashboard.parse(JSON.parse(await readFile(new URL(file, folder), 'utf8'))),
  })),
);
const chartsOf = ({ panels }: z.output<typeof dashboard>) => panels.filter((panel) => panel.type !== 'row');

describe('the dashboards', () => {
  let series: ReadonlyMap<string, ReadonlySet<string>>;
  beforeAll(async () => {
    series = seriesOf(await knownMetrics(inject('redisUrl')));
  });

  it('are six, each under a name of its own that is also its file’s', () => {
    expect(boards.map(({ board }) => board.uid).sort()).toEqual(
      ['approvals', 'matrix', 'models', 'overview', 'transport', 'turns'].map((name) => `vagent-${name}`),
    );
    for (const { file, board } of boards) expect(file).toBe(`${board.uid}.json`);
  });

  it.each(boards)('$file asks for metrics and labels that services expose', ({ board }) => {
    const problems = chartsOf(board).flatMap(({ title, targets }) =>
      targets.flatMap(({ expr }) => problemsOf(expr, series).map((problem) => `${title}: ${problem}`)),
    );
    const variables = board.templating.list.flatMap(({ name, definition }) => {
      const inner = /^label_values\((.+), (\w+)\)$/.exec(definition ?? '');
      if (inner === null) return [];
      const [, query = '', label = ''] = inner;
      return problemsOf(`count by (${label}) (${query})`, series).map((problem) => `$${name}: ${problem}`);
    });
    expect([...problems, ...variables]).toEqual([]);
  });

  it.each(boards)(
    '$file lets the reader choose the data source, and uses each of its variables',
    ({ board }) => {
      const names = board.templating.list.map(({ name }) => name);
      expect(names[0]).toBe('datasource');
      const queries = chartsOf(board).flatMap(({ targets }) => targets.map(({ expr }) => expr));
      for (const name of names.slice(1)) expect(queries.join('\n')).toContain(`$${name}`);
      const used = queries.flatMap((query) =>
        Array.from(query.matchAll(/\$(?!__)(\w+)/g), ([, name]) => name),
      );
      expect(new Set([...used, 'datasource'])).toEqual(new Set(names));
    },
  );

  it.each(boards)('$file has panels that do not overlap, within the width of the page', ({ board }) => {
    const taken = new Set<string>();
    for (const { title, gridPos } of board.panels) {
      expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          expect(taken.has(`${x} ${y}`), `${title} at ${x} ${y}`).toBe(false);
          taken.add(`${x} ${y}`);
        }
      }
    }
    expect(new Set(board.panels.map(({ id }) => id)).size).toBe(board.panels.length);
  });
});
