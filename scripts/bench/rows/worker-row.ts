import { skipRunTrees } from '#agents/skip-run-trees';
import type { Bench } from '../bench.ts';
import { interleave, ratioOf } from '../interleave.ts';
import { measureSpeed, type Speed } from '../measure-speed.ts';
import { median } from '../median.ts';
import { messageOf, sessionOf } from '../message-of.ts';
import { publishBacklog } from '../publish-backlog.ts';
import { rateOf } from '../rate-of.ts';
import type { Result, Row } from '../row.ts';
import { startWorker } from '../start-worker.ts';
import { buildStockGraph } from '../stock-graph.ts';

const atOnce = 16;

export const workerRow: Row = {
  name: 'worker',
  measures:
    'a backlog of 16 sessions through consumer, graph, checkpoint and commit, against bare invokes of the same conversation as three stock nodes without a checkpointer, stream or Redis; by the wall clock, and by the processor time of this process',
  run: async (bench) => {
    const { turns, rounds } = bench.options;
    const stock = buildStockGraph(bench);
    const { text } = messageOf(0, sessionOf(0)).body;
    const speeds = await interleave(rounds, {
      ours: async () => {
        using _ = skipRunTrees();
        return await drain(bench, turns);
      },
      withRunTrees: () => drain(bench, turns),
      stock: () => measureSpeed(turns, () => rateOf(turns, atOnce, () => stock.invoke({ text }))),
    });
    const nodes = '3 stock nodes';
    return [
      {
        ...byWall('worker, 16 at once / bare LangGraph', speeds.ours, nodes, speeds.stock),
        goal: { wants: 'above', goal: 1.2, stretch: 2 },
      },
      byCpu('the same by CPU time, Redis’ own left out', speeds.ours, nodes, speeds.stock),
      byWall('worker without / with LangSmith run trees', speeds.ours, 'with', speeds.withRunTrees),
      byCpu('the same by CPU time', speeds.ours, 'with', speeds.withRunTrees),
    ];
  },
};

function byWall(what: string, ours: readonly Speed[], name: string, theirs: readonly Speed[]): Result {
  const [own, other] = [ours.map(({ rate }) => rate), theirs.map(({ rate }) => rate)];
  return {
    what,
    ours: `${median(own).toFixed(0)} turns/s`,
    comparedWith: `${name}, ${median(other).toFixed(0)}/s`,
    value: ratioOf(own, other),
  };
}

function byCpu(what: string, ours: readonly Speed[], name: string, theirs: readonly Speed[]): Result {
  const [own, other] = [ours.map(({ cpuEach }) => cpuEach), theirs.map(({ cpuEach }) => cpuEach)];
  return {
    what,
    ours: `${median(own).toFixed(0)} µs/turn`,
    comparedWith: `${name}, ${median(other).toFixed(0)} µs`,
    // Less is more: as much work in the same time.
    value: ratioOf(other, own),
  };
}

/** From the start of a consumer to its last commit. */
async function drain(bench: Bench, turns: number): Promise<Speed> {
  await using transport = await bench.transport(bench.newPrefix());
  await publishBacklog(transport, turns, atOnce);
  await using stack = new AsyncDisposableStack();
  return await measureSpeed(turns, async () => {
    const worker = await startWorker(bench, transport, atOnce);
    stack.defer(() => worker.stop());
    await worker.committed(turns);
  });
}
