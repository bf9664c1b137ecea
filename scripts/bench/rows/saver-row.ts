import { RedisSaver } from '#checkpoint/redis-saver';
import { interleave, ratioOf } from '../interleave.ts';
import { median } from '../median.ts';
import { messageOf, sessionOf } from '../message-of.ts';
import { rateOf } from '../rate-of.ts';
import type { Result, Row } from '../row.ts';
import { buildStockGraph } from '../stock-graph.ts';

const atOnce = 16;

export const saverRow: Row = {
  name: 'saver',
  measures:
    'invokes of the three stock nodes, 16 threads at once, with our Redis saver writing by itself, by durability, against no saver',
  run: async (bench) => {
    const { turns, rounds } = bench.options;
    await using transport = await bench.transport(bench.newPrefix());
    const prefix = bench.newPrefix();
    const keyOf = (thread: string) => `${prefix}:{${thread}}`;
    const saver = new RedisSaver({ redis: transport.redis, keyOf, keep: 2, ttlMs: 3_600_000 });
    const [bare, saved] = [buildStockGraph(bench), buildStockGraph(bench, saver)];
    const { text } = messageOf(0, sessionOf(0)).body;
    let round = 0;
    const withSaver = (durability: 'exit' | 'async' | 'sync') => async () => {
      round += 1;
      const threadOf = (n: number) => ({ thread_id: `${round}-${n % atOnce}` });
      return rateOf(turns, atOnce, (n) => saved.invoke({ text }, { configurable: threadOf(n), durability }));
    };
    const rates = await interleave(rounds, {
      none: () => rateOf(turns, atOnce, () => bare.invoke({ text })),
      exit: withSaver('exit'),
      async: withSaver('async'),
      sync: withSaver('sync'),
    });
    const line = (durability: 'exit' | 'async' | 'sync'): Result => ({
      what: `saver, durability ${durability} / none`,
      ours: `${Math.round(median(rates[durability]))} invokes/s`,
      comparedWith: `no saver, ${Math.round(median(rates.none))} invokes/s`,
      value: ratioOf(rates[durability], rates.none),
    });
    return [{ ...line('exit'), goal: { wants: 'above', goal: 0.9 } }, line('async'), line('sync')];
  },
};
