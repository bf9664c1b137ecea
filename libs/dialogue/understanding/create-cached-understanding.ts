import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Understand, UnderstandInput, Understanding } from './understanding.ts';
import { understandingSchema } from './understanding-schema.ts';

/**
 * A store that several processes share. It may fail and forget: that costs a call, and nothing else. A key begins with
 * `textKeyOf` of the message and `:`, so that all that was understood of a message can be found and forgotten.
 */
export interface FarCache {
  get(key: string): Promise<string | null>;
  set(key: string, value: string, ttlMs: number): Promise<unknown>;
}

export interface CacheOptions {
  /** Of the playbook. */
  readonly version: string;
  /** Which implementation it is, e.g. the name of the model. */
  readonly name: string;
  /** How many understandings this process remembers, and for how long each is remembered anywhere. */
  readonly most?: number;
  readonly ttlMs?: number;
  readonly far?: FarCache | undefined;
  /** For what lies in the far cache: it holds what people wrote. `open` throws on what it cannot read. */
  readonly seal?: (json: string) => string;
  readonly open?: (sealed: string) => string;
  /** Is told why the far cache was of no use. */
  readonly onFarError?: (error: unknown) => void;
}

const defaults = { most: 2_000, ttlMs: 24 * 3_600_000 };
/** What was not understood is often sent again, and may be understood then. */
const unclearTtlMs = 60_000;
/** So many messages before count as the place of a message; a model is shown as many. */
const keyHistory = 6;

/**
 * Remembers what messages mean, near (in this process) and far (shared). The same words mean the same only at the same
 * place of a conversation, so all of the context is in the key. Two equal messages at once are understood once. Errors
 * are not kept, and a far cache that fails fails no turn.
 */
export function createCachedUnderstanding(inner: Understand, options: CacheOptions): Understand {
  const ttlMs = options.ttlMs ?? defaults.ttlMs;
  const near = new LRUCache<string, Understanding>({ max: options.most ?? defaults.most, ttl: ttlMs });
  const running = new Map<string, Promise<Understanding>>();
  const understand = async (key: string, input: UnderstandInput): Promise<Understanding> => {
    const kept = await readFar(key, options);
    input.signal.throwIfAborted();
    const understanding = kept ?? (await inner(input));
    const lifeMs = isUnclear(understanding) ? Math.min(unclearTtlMs, ttlMs) : ttlMs;
    near.set(key, understanding, { ttl: lifeMs });
    if (kept === undefined) await writeFar(key, understanding, lifeMs, options);
    return understanding;
  };
  return async (input) => {
    input.signal.throwIfAborted();
    const key = keyOf(input, options);
    const known = near.get(key);
    if (known !== undefined) return known;
    const same = running.get(key);
    if (same !== undefined) return joinOther(same, input, inner);
    const work = understand(key, input).finally(() => running.delete(key));
    running.set(key, work);
    return work;
  };
}

/** Waits for the call of another turn. When that one fails, perhaps because its turn was given up, this one calls itself. */
async function joinOther(
  other: Promise<Understanding>,
  input: UnderstandInput,
  inner: Understand,
): Promise<Understanding> {
  const { signal } = input;
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([other, aborted.promise]);
  } catch {
    signal.throwIfAborted();
    return await inner(input);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function keyOf({ text, context, history }: UnderstandInput, { version, name }: CacheOptions): string {
  const { flow, awaiting, filled, paused, waiting } = context;
  const asked = awaiting && [awaiting.flow, awaiting.slot, awaiting.type];
  const before = history.slice(-keyHistory).map(({ role, text: said }) => [role, said]);
  const whole = [version, name, normalise(text), flow, asked, filled, paused, waiting, before];
  return `${textKeyOf(text)}:${digestOf(JSON.stringify(whole))}`;
}

/** What the keys of all understandings of a text begin with. */
export function textKeyOf(text: string): string {
  return digestOf(normalise(text));
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Takes away what never changes the meaning. Case stays: names have it. Lines stay: quotes begin with one. */
function normalise(text: string): string {
  return text
    .normalize('NFC')
    .replaceAll(/[^\S\n]+/gu, ' ')
    .trim();
}

function isUnclear({ commands }: Understanding): boolean {
  return commands.some(({ kind }) => kind === 'clarify');
}

async function readFar(key: string, options: CacheOptions): Promise<Understanding | undefined> {
  try {
    const sealed = await options.far?.get(key);
    if (sealed === undefined || sealed === null) return undefined;
    return understandingSchema.parse(JSON.parse(options.open?.(sealed) ?? sealed));
  } catch (error) {
    options.onFarError?.(error);
    return undefined;
  }
}

async function writeFar(
  key: string,
  understanding: Understanding,
  ttlMs: number,
  options: CacheOptions,
): Promise<void> {
  try {
    const json = JSON.stringify(understanding);
    await options.far?.set(key, options.seal?.(json) ?? json, ttlMs);
  } catch (error) {
    options.onFarError?.(error);
  }
}
