import { randomUUID } from 'node:crypto';
import { type Client, NOOP_PROVIDER, OpenFeature } from '@openfeature/server-sdk';
import type { Canaries, CanaryLimits, Rollback } from './canary.ts';
import { FlagdProvider } from './flagd-provider.ts';
import type { FlagContext, Flags } from './flags.ts';
import { type ReadFlag, readFlags } from './read-flags.ts';
import { silentLogger } from './silent-logger.ts';

export interface FlagsDeps {
  /** `playbook.flags`. */
  readonly text: string;
  readonly canaries: Canaries;
  /** Is told what is off because it is broken. */
  readonly onProblem?: (problem: string) => void;
  /** Milliseconds of a clock that never goes back; only how long a look at Redis is believed goes by it. */
  readonly now?: () => number;
}

/** A rollback by another worker is seen within this time. */
const cacheMs = 500;

/**
 * The flags of one playbook version, through OpenFeature under a domain of their own. Dispose of them when the
 * version is not used any more.
 */
export async function createFlags(deps: FlagsDeps): Promise<Flags & AsyncDisposable> {
  const { core, flags, problems } = readFlags(deps.text);
  for (const problem of problems) deps.onProblem?.(problem);
  const domain = `vagent-flags-${randomUUID()}`;
  await OpenFeature.setProviderAndWait(domain, new FlagdProvider(core));
  const client = OpenFeature.getClient(domain).setLogger(silentLogger);
  const isRolledBack = createRollbackCache(deps);
  /** The variant that a context gets, not looking at rollbacks. */
  const resolve = async (name: string, context: FlagContext): Promise<Resolved | undefined> => {
    const read = flags.get(name);
    return read === undefined ? undefined : evaluate(client, name, read, context);
  };
  return {
    isOn: async (name, context) => {
      const resolved = await resolve(name, context);
      return resolved?.value === true && !(await isRolledBack.of(name, resolved.read));
    },
    variantOf: async (name, context, fallback) => {
      const resolved = await resolve(name, context);
      return resolved === undefined || (await isRolledBack.of(name, resolved.read))
        ? fallback
        : resolved.variant;
    },
    report: async (name, context, outcome, key) => {
      const resolved = await resolve(name, context);
      if (resolved === undefined || !isTried(resolved)) return undefined;
      const { canary: limits, digest } = resolved.read;
      if (limits === undefined) return undefined;
      const rollback = await deps.canaries.count({ flag: name, digest }, limits, outcome, key);
      if (rollback === undefined) return undefined;
      isRolledBack.know(name);
      return sentenceOf(name, rollback, limits);
    },
    [Symbol.asyncDispose]: () => OpenFeature.setProviderAndWait(domain, NOOP_PROVIDER),
  };
}

interface Resolved {
  readonly read: ReadFlag;
  readonly variant: string;
  readonly value: unknown;
}

/** Undefined where the flag is disabled or cannot be evaluated. */
async function evaluate(
  client: Client,
  name: string,
  read: ReadFlag,
  { user, room }: FlagContext,
): Promise<Resolved | undefined> {
  const context = { targetingKey: read.stickiness === 'user' ? user : room, user, room };
  const { variant, value } = await detailsOf(client, name, read, context);
  return variant === undefined ? undefined : { read, variant, value };
}

/** OpenFeature has a method for each type; the fallback is never seen, because it comes without a variant. */
function detailsOf(client: Client, name: string, { flag }: ReadFlag, context: Record<string, string>) {
  const [sample] = flag.variants.values();
  switch (typeof sample) {
    case 'boolean':
      return client.getBooleanDetails(name, false, context);
    case 'string':
      return client.getStringDetails(name, '', context);
    case 'number':
      return client.getNumberDetails(name, 0, context);
    default:
      return client.getObjectDetails(name, {}, context);
  }
}

/** What a canary is about: the flag is on, or another variant than that of everybody else. */
function isTried({ read, variant, value }: Resolved): boolean {
  return typeof value === 'boolean' ? value : variant !== read.flag.defaultVariant;
}

function createRollbackCache({ canaries, now = () => performance.now() }: FlagsDeps) {
  const known = new Map<string, { readonly isRolledBack: boolean; readonly until: number }>();
  /** For good: a definition that was rolled back never comes back. */
  const know = (name: string): void => void known.set(name, { isRolledBack: true, until: Infinity });
  return {
    know,
    of: async (name: string, { canary, digest }: ReadFlag): Promise<boolean> => {
      if (canary === undefined) return false;
      const cached = known.get(name);
      if (cached !== undefined && now() < cached.until) return cached.isRolledBack;
      // From before the question: what changes while it travels is seen in time too.
      const until = now() + cacheMs;
      try {
        const isRolledBack = await canaries.isRolledBack({ flag: name, digest });
        if (isRolledBack) know(name);
        else if (known.get(name)?.isRolledBack !== true) known.set(name, { isRolledBack, until });
        return isRolledBack || known.get(name)?.isRolledBack === true;
      } catch {
        // Nobody knows: a new thing is off unless all is well.
        return true;
      }
    },
  };
}

function sentenceOf(flag: string, { outcome, count, samples }: Rollback, limits: CanaryLimits): string {
  const { maxErrorRate, maxRejectRate, maxEditRate } = limits;
  const most = { error: maxErrorRate, rejected: maxRejectRate, edited: maxEditRate }[outcome];
  const happened = { error: 'failed', rejected: 'were rejected', edited: 'were edited' }[outcome];
  const percent = (share: number): string => `${Math.round(share * 1_000) / 10} %`;
  return (
    `The flag ${JSON.stringify(flag)} was rolled back: of its latest ${samples} uses ${count} ${happened} ` +
    `(${percent(count / samples)}, at most ${percent(most ?? 1)} are allowed). ` +
    'It stays off for everybody until its definition in flags.json is changed.'
  );
}
