import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { LiveEvent } from '../api/live.ts';
import { ApiError, get } from './api.ts';
import { setClock } from './clock.ts';
import { recoveries } from './connection.ts';
import { followAll } from './live-hub.ts';

export interface Resource<T> {
  /** What is known; undefined before the first answer. Stays while it is asked for again. */
  readonly data: T | undefined;
  /** Why the newest try failed; undefined when it did not. */
  readonly error: ApiError | undefined;
  readonly isLoading: boolean;
  reload(): void;
}

export interface ResourceOptions {
  /** Asks again so often while the page can be seen. */
  readonly everyMs?: number;
  /** Asks again when this happens in any conversation. Needs a viewer. */
  readonly onLive?: (event: LiveEvent) => boolean;
  /** How long an answer may take, where that is longer than usual. */
  readonly withinMs?: number;
}

/** What was known when a page was left: shown at once when somebody comes back to it. */
const remembered = new Map<string, unknown>();
const rememberedMost = 40;

export function forgetResources(): void {
  remembered.clear();
}

/**
 * What a GET answers, kept up to date: asked for again when the connection has come back, and as the options say. `T` is
 * what the contract in `services/gateway/api` says of the path. Nothing is asked for with null.
 */
export function useResource<T>(
  path: string | null,
  { everyMs, onLive, withinMs }: ResourceOptions = {},
): Resource<T> {
  const [state, setState] = useState<{ path: string | null; data?: T; error?: ApiError; isLoading: boolean }>(
    {
      path: null,
      isLoading: path !== null,
    },
  );
  const running = useRef<AbortController | undefined>(undefined);
  const load = useCallback(() => {
    running.current?.abort();
    if (path === null) return;
    const own = new AbortController();
    running.current = own;
    setState((before) => ({ ...keep<T>(before, path), isLoading: true }));
    get<T>(path, { signal: own.signal, withinMs }).then(
      (data) => {
        if (own.signal.aborted) return;
        running.current = undefined;
        remember(path, data);
        setState({ path, data, isLoading: false });
      },
      (error: unknown) => {
        if (own.signal.aborted) return;
        running.current = undefined;
        const told = error instanceof ApiError ? error : unexpected(error);
        setState((before) => ({ ...keep<T>(before, path), error: told, isLoading: false }));
      },
    );
  }, [path, withinMs]);
  // What is on its way comes first: breaking it off for the next one, a slow gateway would never get to answer.
  const renew = useCallback(() => {
    if (running.current !== undefined) return false;
    load();
    return true;
  }, [load]);

  const recovered = recoveries.value;
  useEffect(() => {
    load();
    return () => {
      running.current?.abort();
      running.current = undefined;
    };
  }, [load, recovered]);
  useRepeat(renew, everyMs);
  useLive(renew, onLive);
  const isCurrent = state.path === path;
  return {
    data: isCurrent ? state.data : path === null ? undefined : (remembered.get(path) as T | undefined),
    error: isCurrent ? state.error : undefined,
    isLoading: isCurrent ? state.isLoading : path !== null,
    reload: load,
  };
}

/** Asks again; false where an answer is on its way. */
type Renew = () => boolean;

/** Again and again while the page can be seen, and at once when it can be seen again. */
function useRepeat(renew: Renew, everyMs: number | undefined): void {
  useEffect(() => {
    if (everyMs === undefined) return;
    const renewSeen = (): void => {
      if (document.visibilityState === 'visible') renew();
    };
    const timer = setInterval(renewSeen, everyMs);
    document.addEventListener('visibilitychange', renewSeen);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', renewSeen);
    };
  }, [renew, everyMs]);
}

const settlesMs = 250;
/** Where things happen all the time: a page that follows them leaves room for what its reader does. */
const liveEveryMs = 1_000;

/** Asks again after something happened: soon, then at most once in a second. */
function useLive(renew: Renew, onLive: ResourceOptions['onLive']): void {
  const newest = useRef(onLive);
  newest.current = onLive;
  const isWanted = onLive !== undefined;
  useEffect(() => {
    if (!isWanted) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let nextAt = 0;
    const soon = (): void => {
      const waitMs = Math.max(settlesMs, nextAt - performance.now());
      timer ??= setTimeout(() => {
        timer = undefined;
        // An answer that is on its way may be from before it happened.
        if (renew()) nextAt = performance.now() + liveEveryMs;
        else soon();
      }, waitMs);
    };
    const stop = followAll({
      onEvent: (event) => {
        if (newest.current?.(event) === true) soon();
      },
      onGap: soon,
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [renew, isWanted]);
}

function keep<T>(before: { path: string | null; data?: T }, path: string): { path: string; data?: T } {
  // The key is the path that the type belongs to.
  const data = before.path === path ? before.data : (remembered.get(path) as T | undefined);
  return data === undefined ? { path } : { path, data };
}

function remember(path: string, data: unknown): void {
  remembered.delete(path);
  remembered.set(path, data);
  const oldest = remembered.keys().next().value;
  if (remembered.size > rememberedMost && oldest !== undefined) remembered.delete(oldest);
  if (typeof data === 'object' && data !== null && 'now' in data) setClock(String(data.now));
}

function unexpected(error: unknown): ApiError {
  return new ApiError({ status: 0, code: 'internal', detail: `The console failed: ${String(error)}` });
}
