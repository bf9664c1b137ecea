import { skipRunTrees } from '#agents/skip-run-trees';
import type { Bench } from '../bench.ts';
import { interleave, ratioOf } from '../interleave.ts';
import { median } from '../median.ts';
import { messageOf, sessionOf } from '../message-of.ts';
import { openBullHop } from '../open-bull-hop.ts';
import { type Hop, openHop } from '../open-hop.ts';
import { rateOf } from '../rate-of.ts';
import type { Row } from '../row.ts';
import { startWorker } from '../start-worker.ts';
import { buildStockGraph } from '../stock-graph.ts';

const inFlight = 64;

export const graphHopRow: Row = {
  name: 'graph-hop',
  measures:
    'the hop with the same three stock nodes in the handler of both, no checkpoints; then our whole turn, with its checkpoint in the commit, against that BullMQ hop',
  run: async (bench) => {
    const stock = buildStockGraph(bench);
    const answer = async (text: string) => (await stock.invoke({ text })).output.reply ?? '';
    await using plain = await openHop(bench, inFlight, answer);
    await using whole = await openTurns(bench);
    await using bull = await openBullHop(bench, inFlight, answer);
    const { turns, rounds } = bench.options;
    let next = 0;
    const rate = (hop: Hop) => rateOf(turns, inFlight, () => hop.pass(next++));
    const rates = await interleave(rounds, {
      plain: () => rate(plain),
      whole: async () => {
        using _ = skipRunTrees();
        return await rate(whole);
      },
      bull: () => rate(bull),
    });
    const comparedWith = `BullMQ, ${Math.round(median(rates.bull))} jobs/s`;
    const line = (what: string, ours: readonly number[]) => ({
      what,
      ours: `${Math.round(median(ours))}/s`,
      comparedWith,
      value: ratioOf(ours, rates.bull),
    });
    const goal = { wants: 'above', goal: 1, stretch: 1.3 } as const;
    return [
      { ...line('hop with the same graph / BullMQ', rates.plain), goal },
      line('worker turn with checkpoint / BullMQ with graph', rates.whole),
    ];
  },
};

/** The worker's turns, driven like a hop. */
async function openTurns(bench: Bench): Promise<Hop> {
  const prefix = bench.newPrefix();
  const [publishing, working] = [await bench.transport(prefix), await bench.transport(prefix)];
  const ends = new Map<string, () => void>();
  const worker = await startWorker(bench, working, inFlight, (fact) => ends.get(fact)?.());
  return {
    pass: async (number) => {
      const entry = messageOf(number, sessionOf(number % inFlight));
      const ended = Promise.withResolvers<void>();
      ends.set(entry.id, ended.resolve);
      await publishing.publisher.publish('inbound', entry);
      await ended.promise;
      ends.delete(entry.id);
    },
    [Symbol.asyncDispose]: async () => {
      await worker.stop();
      await Promise.all([publishing.close(), working.close()]);
    },
  };
}
