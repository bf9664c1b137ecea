import { z } from 'zod';
import type { Transport } from '#streams/open-transport';
import { switchScope } from './switch.ts';

const switchLine = z.object({
  scope: switchScope,
  name: z.string(),
  what: z.enum(['off', 'on']),
  by: z.string(),
  because: z.string(),
  at: z.string(),
});

/** One line of the log: who switched what, when and why. */
export type SwitchLine = z.infer<typeof switchLine>;

/** The newest lines of the log, the last one first. Lines that somebody else wrote there are left out. */
export async function readSwitchLog(
  { redis, keys }: Pick<Transport, 'redis' | 'keys'>,
  count: number,
): Promise<SwitchLine[]> {
  const entries = await redis.xrevrange(keys.switchLog(), '+', '-', 'COUNT', count);
  return entries.flatMap(([_, fields]) => {
    const pairs: [string, string][] = [];
    for (let i = 0; i + 1 < fields.length; i += 2) pairs.push([fields[i] ?? '', fields[i + 1] ?? '']);
    const line = switchLine.safeParse(Object.fromEntries(pairs));
    return line.success ? [line.data] : [];
  });
}
