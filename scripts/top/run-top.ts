import { emitKeypressEvents } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Overview, readOverview } from '#operations/overview/read-overview';
import type { Transport } from '#streams/open-transport';
import { Screen } from '../chat/screen.ts';
import { paintFor } from '../cli/paint.ts';
import type { Terminal } from '../cli/terminal.ts';
import { renderTop } from './render-top.ts';
import { type Sort, sorts } from './sections.ts';

const refreshMs = 1_000;
/** A Redis that does not answer in this time is told about; the picture stays. */
const patienceMs = 3_000;

/** Fills the terminal with what goes on, anew each second, until `q`, Ctrl-C or `signal`. */
export async function runTop(
  transport: Transport,
  { place, sort, signal }: { readonly place: string; readonly sort: Sort; readonly signal: AbortSignal },
  terminal: Terminal,
): Promise<void> {
  const { stdin, stdout } = terminal;
  const first = await readOverview(transport);
  const ended = Promise.withResolvers<void>();
  const state = {
    overview: first,
    before: undefined as Overview | undefined,
    sort,
    isPaused: false,
    trouble: undefined as string | undefined,
  };
  using screen = new Screen(stdout);
  const draw = (): void => {
    const rows = stdout.rows || 24;
    const lines = renderTop({ ...state, place }, stdout.columns || 80, rows, paintFor(terminal));
    screen.draw({ lines, cursor: { row: rows - 1, column: 0 }, mostScrolled: 0 });
  };
  const refresh = async (): Promise<void> => {
    if (state.isPaused) return;
    try {
      const overview = await within(readOverview(transport), patienceMs);
      state.before = state.overview;
      state.overview = overview;
      state.trouble = undefined;
    } catch (error) {
      state.trouble = `Redis: ${error instanceof Error ? error.message : String(error)}; trying again`;
    }
    draw();
  };
  const onKey = (_: string | undefined, key: { name?: string; ctrl?: boolean }): void => {
    if (key.name === 'q' || key.name === 'escape' || (key.ctrl === true && key.name === 'c')) ended.resolve();
    if (key.name === 'p' || key.name === 'space') state.isPaused = !state.isPaused;
    if (key.name === 's') state.sort = sorts[(sorts.indexOf(state.sort) + 1) % sorts.length] ?? 'lag';
    draw();
  };
  const onResize = (): void => {
    screen.forget();
    draw();
  };
  emitKeypressEvents(stdin);
  stdin.setRawMode(true);
  stdin.resume();
  stdin.on('keypress', onKey);
  stdout.on('resize', onResize);
  const stop = new AbortController();
  signal.addEventListener('abort', () => ended.resolve(), { once: true, signal: stop.signal });
  if (signal.aborted) ended.resolve();
  draw();
  const looking = repeat(refresh, stop.signal);
  try {
    await ended.promise;
  } finally {
    stop.abort();
    stdin.off('keypress', onKey);
    stdout.off('resize', onResize);
    stdin.setRawMode(false);
    stdin.pause();
    await looking;
  }
}

/** One after the other: a slow Redis is not asked again before it has answered. */
async function repeat(work: () => Promise<void>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sleep(refreshMs, undefined, { signal }).catch(() => undefined);
    if (!signal.aborted) await work();
  }
}

async function within<T>(work: Promise<T>, ms: number): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`no answer in ${ms / 1_000} s`)), ms);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
    // A late answer, or a late failure, is nobody's any more.
    work.catch(() => undefined);
  }
}
