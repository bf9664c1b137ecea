import { skipRunTrees } from '#agents/skip-run-trees';
import type { Bench } from '../bench.ts';
import { interleave, ratioOf } from '../interleave.ts';
import { median } from '../median.ts';
import { messageOf, sessionOf } from '../message-of.ts';
import { publishBacklog } from '../publish-backlog.ts';
import { rateOf } from '../rate-of.ts';
import type { Row } from '../row.ts';
import { startWorker } from '../start-worker.ts';
import { buildStockGraph } from '../stock-graph.ts';

const atOnce = 16;

export const workerRow: Row = {
  name: 'worker',
  measures:
    'a backlog of 16 sessions through consumer, graph, checkpoint and commit, against bare invokes of the same conversation as three stock nodes without a checkpointer, stream or Redis',
  run: async (bench) => {
    const { turns, rounds } = bench.options;
    const stock = buildStockGraph(bench);
    const { text } = messageOf(0, sessionOf(0)).body;
    const rates = await interleave(rounds, {
      ours: async () => {
        using _ = skipRunTrees();
        return await drain(bench, turns);
      },
      withRunTrees: () => drain(bench, turns),
      stock: () => rateOf(turns, atOnce, () => stock.invoke({ text })),
    });
    const shown = `${Math.round(median(rates.ours))} turns/s`;
    return [
      {
        what: 'worker, 16 at once / bare LangGraph',
        ours: shown,
        comparedWith: `3 stock nodes, ${Math.round(median(rates.stock))} invokes/s`,
        value: ratioOf(rates.ours, rates.stock),
        goal: { wants: 'above', goal: 1.2, stretch: 2 },
      },
      {
        what: 'worker without / with LangSmith run trees',
        ours: shown,
        comparedWith: `with, ${Math.round(median(rates.withRunTrees))} turns/s`,
        value: ratioOf(rates.ours, rates.withRunTrees),
      },
    ];
  },
};

/** Turns per second from the start of a consumer to its last commit. */
async function drain(bench: Bench, turns: number): Promise<number> {
  await using transport = await bench.transport(bench.newPrefix());
  await publishBacklog(transport, turns, atOnce);
  const startedAt = performance.now();
  const worker = await startWorker(bench, transport, atOnce);
  await worker.committed(turns);
  const seconds = (performance.now() - startedAt) / 1000;
  await worker.stop();
  return turns / seconds;
}
