export interface Breakers {
  /**
   * Asks whether the tool may be called now. `settle` says how it went, once: `ok` (it answered, if only to refuse what was
   * asked), `bad` (the tool is ill), or `neither` (the call was given up).
   */
  start(tool: string): BreakerPass | BreakerPause;
  /** For metrics: every tool that has been called. */
  counts(): readonly BreakerCounts[];
}

export interface BreakerPass {
  readonly isOpen: false;
  settle(how: 'ok' | 'bad' | 'neither'): void;
}

export interface BreakerPause {
  readonly isOpen: true;
  readonly retryInMs: number;
}

export interface BreakerCounts {
  readonly tool: string;
  readonly state: 'closed' | 'open' | 'half_open';
  readonly ok: number;
  readonly bad: number;
  /** Calls that were not made because it was open. */
  readonly refused: number;
  readonly opened: number;
}

export interface BreakerOptions {
  /** Bad calls in a row after which it opens, default 5. */
  readonly threshold?: number;
  /** How long it stays open at least, default 30 s; up to half of it is added at random, and it doubles up to eight times. */
  readonly coolDownMs?: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
  readonly random?: () => number;
}

interface State {
  badInRow: number;
  openUntil: number | undefined;
  /** Openings since the last good call. */
  openings: number;
  isProbing: boolean;
  ok: number;
  bad: number;
  refused: number;
  opened: number;
}

const longestFactor = 8;

/**
 * A circuit breaker for each tool, for this process: closed, then open after so many bad calls in a row, then one
 * call at a time until one is good. https://martinfowler.com/bliki/CircuitBreaker.html
 */
export function createBreakers(options: BreakerOptions = {}): Breakers {
  const { threshold = 5, coolDownMs = 30_000, now = () => performance.now(), random = Math.random } = options;
  const states = new Map<string, State>();

  const open = (state: State): void => {
    const factor = Math.min(longestFactor, 2 ** state.openings);
    state.openUntil = now() + coolDownMs * factor * (1 + random() / 2);
    state.openings += 1;
    state.opened += 1;
  };
  const settle = (state: State, isProbe: boolean, how: 'ok' | 'bad' | 'neither'): void => {
    if (isProbe) state.isProbing = false;
    if (how === 'neither') return;
    state[how] += 1;
    if (how === 'ok') {
      state.badInRow = 0;
      // A call that began before it opened says nothing about now; the probe does.
      if (isProbe || state.openUntil === undefined) close(state);
      return;
    }
    state.badInRow += 1;
    if (isProbe || (state.openUntil === undefined && state.badInRow >= threshold)) open(state);
  };

  return {
    start: (tool) => {
      const state = stateOf(states, tool);
      const isProbe = state.openUntil !== undefined;
      if (state.openUntil !== undefined && (state.isProbing || now() < state.openUntil)) {
        state.refused += 1;
        return { isOpen: true, retryInMs: Math.max(0, Math.ceil(state.openUntil - now())) };
      }
      if (isProbe) state.isProbing = true;
      let isSettled = false;
      return {
        isOpen: false,
        settle: (how) => {
          if (isSettled) return;
          isSettled = true;
          settle(state, isProbe, how);
        },
      };
    },
    counts: () => [...states].map(([tool, state]) => countsOf(tool, state, now())),
  };
}

function close(state: State): void {
  state.openUntil = undefined;
  state.openings = 0;
}

function stateOf(states: Map<string, State>, tool: string): State {
  const known = states.get(tool);
  if (known !== undefined) return known;
  const fresh: State = {
    badInRow: 0,
    openUntil: undefined,
    openings: 0,
    isProbing: false,
    ok: 0,
    bad: 0,
    refused: 0,
    opened: 0,
  };
  states.set(tool, fresh);
  return fresh;
}

function countsOf(tool: string, { ok, bad, refused, opened, openUntil }: State, at: number): BreakerCounts {
  const state = openUntil === undefined ? 'closed' : at < openUntil ? 'open' : 'half_open';
  return { tool, state, ok, bad, refused, opened };
}
