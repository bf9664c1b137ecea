import { setTimeout as sleep } from 'node:timers/promises';
import { readOverview } from '#operations/overview/read-overview';
import type { Command } from '../cli/command.ts';
import { UsageError } from '../cli/errors.ts';
import { hasScreen } from '../cli/has-screen.ts';
import { openRedis, placeOf, readRedisSettings } from '../cli/open-redis.ts';
import { parseOptions } from '../cli/parse-options.ts';
import { untilSignalled } from '../cli/until-signalled.ts';
import { renderPlain } from '../top/render-top.ts';
import { runTop } from '../top/run-top.ts';
import { sorts } from '../top/sections.ts';

const usage = `Usage: vagent top [--once] [--sort lag|oldest|partition] [--json]

What goes on, live: turns a second, latency (of a sample of the last minute), lag and pending entries, who works on which
partitions, approvals that wait with the time they have left, dead letters, and conversations that move. Refreshed every
second. Keys: q quits, p pauses, s sorts the partitions anew.

  --once   one look as plain text, which takes a second; a file, a pipe or TERM=dumb always gets that
  --json   the same as one JSON object
`;

const onceMs = 1_000;

export const top: Command = {
  usage,
  async run(args, terminal) {
    const { values } = parseOptions(args, {
      once: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      sort: { type: 'string', default: 'lag' },
    });
    const sort = sorts.find((one) => one === values.sort);
    if (sort === undefined) throw new UsageError(`--sort is "${values.sort}": give ${sorts.join(', ')}`);
    const settings = await readRedisSettings(terminal.env);
    await using transport = await openRedis(terminal.env);
    if (hasScreen(terminal) && !values.once && !values.json) {
      const place = placeOf(settings);
      await untilSignalled((signal) => runTop(transport, { place, sort, signal }, terminal));
      return 0;
    }
    const before = await readOverview(transport);
    await sleep(onceMs);
    const overview = await readOverview(transport);
    terminal.stdout.write(
      values.json ? `${JSON.stringify(overview)}\n` : renderPlain({ overview, before, sort }),
    );
    return 0;
  },
};
