import { Redis } from 'ioredis';
import { encodeEntry } from '#contract/entry';
import { interleave, ratioOf } from '../interleave.ts';
import { median } from '../median.ts';
import { messageOf, sessionOf } from '../message-of.ts';
import { openBullHop } from '../open-bull-hop.ts';
import { openHop } from '../open-hop.ts';
import { rateOf } from '../rate-of.ts';
import type { Row } from '../row.ts';

const inFlight = 64;

export const hopRow: Row = {
  name: 'hop',
  measures:
    'publish, consume, commit with one output, 64 in flight, all in this process; against XADD alone (pipelined by ioredis), and against a BullMQ job that adds one',
  run: async (bench) => {
    const keep = async (text: string) => text;
    await using ours = await openHop(bench, inFlight, keep);
    await using bull = await openBullHop(bench, inFlight, keep);
    const raw = new Redis(bench.redisUrl, { enableAutoPipelining: true });
    const stream = `${bench.newPrefix()}:raw`;
    const count = bench.options.turns * 2;
    let next = 0;
    const rates = await interleave(bench.options.rounds, {
      ours: () => rateOf(count, inFlight, () => ours.pass(next++)),
      raw: () =>
        rateOf(count * 4, inFlight, (n) => raw.xadd(stream, '*', ...encodeEntry(messageOf(n, sessionOf(n))))),
      bull: () => rateOf(count, inFlight, () => bull.pass(next++)),
    });
    raw.disconnect();
    const hops = `${Math.round(median(rates.ours))} hops/s`;
    return [
      {
        what: 'hop, 64 in flight / raw XADD',
        ours: hops,
        comparedWith: `XADD, ${Math.round(median(rates.raw))}/s`,
        value: ratioOf(rates.ours, rates.raw),
        goal: { wants: 'above', goal: 0.35, stretch: 0.6 },
      },
      {
        what: 'hop, 64 in flight / BullMQ',
        ours: hops,
        comparedWith: `BullMQ, ${Math.round(median(rates.bull))} jobs/s`,
        value: ratioOf(rates.ours, rates.bull),
        goal: { wants: 'above', goal: 3, stretch: 5 },
      },
    ];
  },
};
