import { z } from 'zod';

const inWords = 'seconds, or a duration such as 90s, 15m, 24h or 7d';
const unitSeconds = { s: 1, m: 60, h: 3_600, d: 86_400 };
/** Ten years: what is longer is a slip. */
const longestSeconds = 315_360_000;

/** Seconds, written as a whole number of them or with a unit. */
export const duration = z
  .union([z.int().positive(), z.string()])
  .transform((value, context) => {
    const seconds = typeof value === 'number' ? value : toSeconds(value);
    if (seconds !== undefined && seconds > 0 && seconds <= longestSeconds) return seconds;
    context.addIssue({ code: 'custom', message: `${JSON.stringify(value)} is not a duration` });
    return z.NEVER;
  })
  .describe(inWords);

function toSeconds(text: string): number | undefined {
  const match = /^(\d{1,9})\s*([smhd])$/.exec(text.trim());
  const unit = z.enum(['s', 'm', 'h', 'd']).safeParse(match?.[2]);
  return match && unit.success ? Number(match[1]) * unitSeconds[unit.data] : undefined;
}
