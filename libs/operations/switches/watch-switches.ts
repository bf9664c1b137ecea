import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Transport } from '#streams/open-transport';
import { isRedisUnavailable } from '#streams/redis-errors';
import { readSwitches } from './read-switches.ts';
import type { SwitchedOff, Switches } from './switch.ts';
import { fieldOf } from './switch-field.ts';

/** A live copy of the switches; ends when it is disposed or its signal is aborted. */
export type WatchedSwitches = Switches & AsyncDisposable;

/**
 * Keeps a copy of what is off that is never older than a second while Redis answers: one read of a small hash every
 * `everyMs` (default 250). While Redis is away the last known state holds: nothing gets switched on by an outage.
 * Resolves when it has been read once, so that nothing begins before.
 *
 * @throws what `signal` carries when it is aborted before.
 */
export async function watchSwitches(deps: {
  transport: Pick<Transport, 'redis' | 'keys'>;
  log: Logger;
  signal: AbortSignal;
  everyMs?: number;
}): Promise<WatchedSwitches> {
  const { transport, log, everyMs = 250 } = deps;
  const ending = new AbortController();
  const signal = AbortSignal.any([deps.signal, ending.signal]);
  let known = await readPatiently(transport, log, signal);
  for (const entry of known.values()) tellOff(log, entry);
  const round = async () => {
    const now = byField(await readSwitches(transport));
    tellChanges(log, known, now);
    known = now;
  };
  const watching = repeat(round, everyMs, log, signal);
  return {
    off: (scope, name) => offIn(known, scope, name),
    list: () => [...known.values()],
    [Symbol.asyncDispose]: async () => {
      ending.abort();
      await watching;
    },
  };
}

type Known = ReadonlyMap<string, SwitchedOff>;

function byField(switchedOff: readonly SwitchedOff[]): Known {
  return new Map(switchedOff.map((entry) => [fieldOf(entry.scope, entry.name), entry]));
}

/** Where everything is off, every room, agent and tool is. */
function offIn(known: Known, scope: SwitchedOff['scope'], name: string): SwitchedOff | undefined {
  if (known.size === 0) return undefined;
  return known.get(fieldOf('all', '*')) ?? known.get(fieldOf(scope, name));
}

async function readPatiently(
  transport: Pick<Transport, 'redis' | 'keys'>,
  log: Logger,
  signal: AbortSignal,
): Promise<Known> {
  for (;;) {
    signal.throwIfAborted();
    try {
      return byField(await readSwitches(transport));
    } catch (error) {
      if (!isRedisUnavailable(error)) throw error;
      log.warn({ err: error }, 'The switches cannot be read yet: nothing begins before');
      await sleep(1_000, undefined, { signal });
    }
  }
}

/** Never rejects. Says once that the switches cannot be read, and once that they can be again. */
async function repeat(
  round: () => Promise<void>,
  everyMs: number,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  let isAway = false;
  while (!signal.aborted) {
    await sleep(everyMs, undefined, { signal, ref: false }).catch(() => undefined);
    if (signal.aborted) return;
    try {
      await round();
      if (isAway) log.info('The switches can be read again');
      isAway = false;
    } catch (error) {
      if (!isAway) log.warn({ err: error }, 'The switches cannot be read: what was off stays off');
      isAway = true;
    }
  }
}

function tellChanges(log: Logger, before: Known, now: Known): void {
  for (const [field, entry] of now) {
    const old = before.get(field);
    if (old?.at !== entry.at || old.by !== entry.by || old.because !== entry.because) tellOff(log, entry);
  }
  for (const [field, { scope, name }] of before) {
    if (!now.has(field)) log.warn({ scope, name }, 'switched on again');
  }
}

function tellOff(log: Logger, { scope, name, by, because, at }: SwitchedOff): void {
  if (by === '') log.error({ scope, name, because }, 'switched off by a record that cannot be read');
  else log.warn({ scope, name, by, because, at }, 'switched off');
}
