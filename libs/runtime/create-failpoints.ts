import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigError, FailpointError } from './errors.ts';

type Action =
  | { readonly kind: 'kill' | 'stop' | 'throw' | 'abort' }
  | { readonly kind: 'delay'; readonly ms: number };

interface Plan {
  readonly action: Action;
  /** The hit that fires, from 1; or each of them. */
  readonly hit: number | 'each';
}

/**
 * Reads `name:action[:hit]`, comma separated, and returns the function to call at each named place. Actions: `kill`,
 * `stop` (SIGSTOP), `abort` (a crash), `throw`, `delay=ms`. Only the first hit fires, or the one numbered, or each
 * with `*`. A delay is a promise to await; the rest happens before the call returns.
 *
 * @throws {ConfigError} if the text does not follow this form.
 */
export function createFailpoints(text: string): (name: string) => Promise<void> | undefined {
  const plans = new Map<string, Plan[]>();
  for (const item of text.split(',').map((part) => part.trim())) {
    if (item === '') continue;
    const [name, plan] = parseItem(item);
    plans.set(name, [...(plans.get(name) ?? []), plan]);
  }
  const hits = new Map<string, number>();
  return (name) => {
    const planned = plans.get(name);
    if (planned === undefined) return undefined;
    const hit = (hits.get(name) ?? 0) + 1;
    hits.set(name, hit);
    const due = planned.find((plan) => plan.hit === 'each' || plan.hit === hit);
    return due === undefined ? undefined : fire(name, due.action);
  };
}

function parseItem(item: string): [name: string, plan: Plan] {
  const match = /^([^:\s]+):(kill|stop|throw|abort|delay=(\d+))(?::(\*|[1-9]\d*))?$/.exec(item);
  if (match === null) {
    const remedy = 'Set it to name:action[:hit] with kill, stop, abort, throw or delay=ms, or unset it';
    throw new ConfigError([{ name: 'FAILPOINT', problem: `has ${JSON.stringify(item)}`, remedy }]);
  }
  const [, name = '', word, ms, hit] = match;
  return [name, { action: toAction(word, ms), hit: hit === '*' ? 'each' : Number(hit ?? 1) }];
}

function toAction(word: string | undefined, ms: string | undefined): Action {
  if (ms !== undefined) return { kind: 'delay', ms: Number(ms) };
  if (word === 'kill' || word === 'stop' || word === 'throw') return { kind: word };
  return { kind: 'abort' };
}

function fire(name: string, action: Action): Promise<void> | undefined {
  switch (action.kind) {
    case 'kill':
      process.kill(process.pid, 'SIGKILL');
      return block(Number.POSITIVE_INFINITY);
    case 'stop':
      process.kill(process.pid, 'SIGSTOP');
      return block(50);
    case 'abort':
      return process.abort();
    case 'throw':
      throw new FailpointError(name);
    case 'delay':
      return sleep(action.ms);
    default:
      return action satisfies never;
  }
}

/** The system may let a thread run on for a moment after its signal: here it must do nothing in that moment. */
function block(ms: number): undefined {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
