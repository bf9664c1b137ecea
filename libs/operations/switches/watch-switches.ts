import type { Logger } from 'pino';
import { keepCopy } from '#operations/keep-copy';
import type { Transport } from '#streams/open-transport';
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
  const { transport, log, signal, everyMs = 250 } = deps;
  const copy = await keepCopy({
    read: async () => byField(await readSwitches(transport)),
    onChange: (now, before) => tellChanges(log, before, now),
    words: {
      waiting: 'The switches cannot be read yet: nothing begins before',
      away: 'The switches cannot be read: what was off stays off',
      back: 'The switches can be read again',
    },
    ...{ log, signal, everyMs },
  });
  for (const entry of copy.value.values()) tellOff(log, entry);
  return {
    off: (scope, name) => offIn(copy.value, scope, name),
    list: () => [...copy.value.values()],
    [Symbol.asyncDispose]: () => copy[Symbol.asyncDispose](),
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
