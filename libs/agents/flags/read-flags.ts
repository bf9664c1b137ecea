import { type FeatureFlag, FlagdCore } from '@openfeature/flagd-core';
import { z } from 'zod';
import { type CanaryLimits, canaryLimits } from './canary.ts';
import { silentLogger } from './silent-logger.ts';

/** What vagent reads of a flag's metadata; flagd itself hands it on and reads nothing of it. */
const metadata = z.looseObject({
  stickiness: z.enum(['user', 'room']).default('user'),
  canary: canaryLimits.optional(),
});

const document = z.looseObject({ flags: z.record(z.string(), z.unknown()).default({}) });

export interface ReadFlag {
  readonly flag: FeatureFlag;
  /** Whose id a percentage goes by. */
  readonly stickiness: 'user' | 'room';
  readonly canary: CanaryLimits | undefined;
  /** Of its whole definition: another one is another canary. */
  readonly digest: string;
}

export interface ReadFlags {
  readonly core: FlagdCore;
  readonly flags: ReadonlyMap<string, ReadFlag>;
  /** What cannot be used and is off, each in a sentence. */
  readonly problems: readonly string[];
}

/** Reads `flags.json`. A flag that is broken is left out, and takes no other one with it; empty text has no flags. */
export function readFlags(text: string): ReadFlags {
  const problems: string[] = [];
  const whole = document.safeParse(text.trim() === '' ? {} : parse(text));
  if (!whole.success) problems.push('flags.json is not the JSON of flagd: all flags are off');
  const { flags: written, ...rest } = whole.success ? whole.data : { flags: {} };
  const usable: [string, unknown][] = [];
  const flags = new Map<string, ReadFlag>();
  for (const [name, definition] of Object.entries(written)) {
    const one = readFlag(name, { ...rest, flags: Object.fromEntries([[name, definition]]) });
    if (typeof one === 'string') {
      problems.push(`The flag ${JSON.stringify(name)} is off: ${one}`);
    } else {
      flags.set(name, one);
      usable.push([name, definition]);
    }
  }
  const core = new FlagdCore(undefined, silentLogger);
  core.setConfigurations(JSON.stringify({ ...rest, flags: Object.fromEntries(usable) }));
  return { core, flags, problems };
}

/** The flag by itself, or what is wrong with it. */
function readFlag(name: string, alone: object): ReadFlag | string {
  const core = new FlagdCore(undefined, silentLogger);
  try {
    core.setConfigurations(JSON.stringify(alone));
  } catch {
    return 'flagd cannot read it; check its state, variants, defaultVariant and targeting';
  }
  const flag = core.getFlag(name);
  if (flag === undefined) return 'flagd does not know it';
  const read = metadata.safeParse(flag.metadata);
  if (!read.success) {
    const [issue] = read.error.issues;
    return `its metadata ${issue?.path.join('.') ?? ''} is wrong: ${issue?.message ?? ''}`;
  }
  const { stickiness, canary } = read.data;
  return { flag, stickiness, canary, digest: flag.hash.slice(0, 16) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
