import { z } from 'zod';
import { text } from './text.ts';

const rate = z.number().min(0).max(1).optional().describe('a number from 0 to 1');

const canary = z
  .strictObject({
    maxErrorRate: rate,
    maxRejectRate: rate,
    maxEditRate: rate,
    minSamples: z.int().positive().optional().describe('how many outcomes are waited for'),
  })
  .describe('maxErrorRate, maxRejectRate, maxEditRate and minSamples');

const flag = z
  .looseObject({
    state: z.enum(['ENABLED', 'DISABLED']).describe('ENABLED or DISABLED'),
    variants: z.record(text(100), z.json()).describe('a mapping of variants to values'),
    defaultVariant: text(100).optional().describe('the name of a variant'),
    targeting: z.record(z.string(), z.json()).optional().describe('a rule of flagd'),
    metadata: z.looseObject({ canary: canary.optional() }).optional().describe('canary and other facts'),
  })
  .describe('a flag of flagd: state, variants, defaultVariant, targeting and metadata');

/** `flags.json`, in the format of flagd (https://flagd.dev/schema/v0/flags.json). */
export const flagsFile = z
  .looseObject({ flags: z.record(text(100), flag).describe('a mapping of flags') })
  .describe('flags, in the format of flagd');
export type FlagsFile = z.output<typeof flagsFile>;
