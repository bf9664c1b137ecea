import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { z } from 'zod';
import type { LiveEvent } from '../../../api/live.ts';
import type { timeline } from '../../../api/resources.ts';
import { type ApiError, get } from '../../api.ts';
import { tell } from '../../components/toast.tsx';
import { followLive } from '../../live.ts';
import { useResource } from '../../resource.ts';
import { type HeldEvents, holdNewer, holdOlder, nothingHeld } from './hold-events.ts';
import { type StoryTurn, tellTurns } from './tell-turns.ts';

export type Timeline = z.infer<typeof timeline>;

export interface LiveStory {
  /** Undefined until the first answer. */
  readonly known: Timeline | undefined;
  readonly turns: readonly StoryTurn[];
  readonly error: ApiError | undefined;
  readonly older: OlderPages;
  reload(): void;
}

/** What was said before the turns that are shown. */
export interface OlderPages {
  /** False where nothing older is kept. */
  readonly hasMore: boolean;
  readonly isLoading: boolean;
  show(): void;
}

/** A page that stays open for days holds so many events, and those pages that somebody has asked for. */
const keptEvents = 600;
const pageEvents = 300;
/** Of a busy partition, where one page of it may hold nothing of this conversation. */
const mostEmptyPages = 20;
const settlesMs = 350;
const drawnEveryMs = 60;
/** A turn without an account for longer than this never gets one: it is not kept any more. */
const accountWithinMs = 10 * 60_000;

/** What happened in a conversation and what happens in it now, with the account of each turn soon after its end. */
export function useStory(session: string): LiveStory {
  const path = `/api/v1/sessions/${encodeURIComponent(session)}/timeline`;
  const [held, setHeld] = useState<HeldEvents>(nothingHeld);
  const most = useRef(keptEvents);
  const [isWaiting, setWaiting] = useState(false);
  const { data, error, reload } = useResource<Timeline>(path, { everyMs: isWaiting ? 2_000 : 30_000 });
  const hold = (events: readonly LiveEvent[], older: string | null): void =>
    setHeld((before) => holdNewer(before, events, { older, most: most.current }));

  useEffect(() => {
    if (data !== undefined) hold(data.events, data.older);
  }, [data]);
  useLiveEvents(session, data?.cursor, (events) => hold(events, null), reload);
  const turns = useMemo(
    () => (data === undefined ? [] : tellHeld(held, data.turns, data.waiting)),
    [data, held],
  );
  useEffect(() => setWaiting(awaitsAccount(turns)), [turns]);
  const older = useOlder(path, held.older, (page) => {
    most.current += pageEvents;
    setHeld((before) => holdOlder(before, page));
  });
  return { known: data, turns, error, older, reload };
}

/** From the cursor of the first answer; what comes later comes by the socket, and the rest of it is asked for. */
function useLiveEvents(
  session: string,
  cursor: string | undefined,
  onEvents: (events: readonly LiveEvent[]) => void,
  reload: () => void,
): void {
  const hasBegun = cursor !== undefined;
  useEffect(() => {
    if (cursor === undefined) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const soon = (): void => {
      timer ??= setTimeout(() => {
        timer = undefined;
        reload();
      }, settlesMs);
    };
    const together = gatherEvents(onEvents);
    const stop = followLive(session, cursor, {
      onEvent: (event) => {
        together.add(event);
        if (event.event !== 'draft') soon();
      },
      onGap: reload,
    });
    return () => {
      clearTimeout(timer);
      together.stop();
      stop();
    };
  }, [session, hasBegun]);
}

/** Events come one by one, also a thousand that were missed: the page is drawn once for those of a moment. */
function gatherEvents(take: (events: readonly LiveEvent[]) => void) {
  let waiting: LiveEvent[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = (): void => {
    timer = undefined;
    take(waiting);
    waiting = [];
  };
  return {
    add: (event: LiveEvent): void => {
      waiting.push(event);
      timer ??= setTimeout(flush, drawnEveryMs);
    },
    stop: (): void => clearTimeout(timer),
  };
}

type Page = Pick<Timeline, 'events' | 'older'>;

function useOlder(path: string, before: string | null, onPage: (page: Page) => void): OlderPages {
  const [isLoading, setLoading] = useState(false);
  const leaving = useRef(new AbortController());
  useEffect(() => () => leaving.current.abort(), []);
  const { signal } = leaving.current;
  const load = async (from: string): Promise<void> => {
    let page: Page = { events: [], older: from };
    for (let tries = 0; tries < mostEmptyPages; tries++) {
      if (page.events.length > 0 || page.older === null) break;
      page = await get<Timeline>(`${path}?before=${encodeURIComponent(page.older)}`, { signal });
    }
    if (!signal.aborted) onPage(page);
  };
  const show = (): void => {
    if (before === null || isLoading) return;
    setLoading(true);
    load(before)
      .catch((error: unknown) => {
        if (!signal.aborted) tell(error instanceof Error ? error.message : String(error), 'bad');
      })
      .finally(() => {
        if (!signal.aborted) setLoading(false);
      });
  };
  return { hasMore: before !== null, isLoading, show };
}

/** Accounts of turns from before the oldest event in hand are shown with what was said in them. */
function tellHeld(held: HeldEvents, records: Timeline['turns'], waiting: Timeline['waiting']): StoryTurn[] {
  const events = [...held.byIdentity.values()];
  const own = new Set(events.map(({ turn }) => turn));
  const since = held.older === null ? 0 : Date.parse(events[0]?.at ?? '');
  const within = records.filter(({ turn, appendedAt }) => own.has(turn) || Date.parse(appendedAt) >= since);
  return tellTurns(events, within, waiting);
}

/** True while a turn runs, or has ended without its account having been fetched. */
function awaitsAccount(turns: readonly StoryTurn[]): boolean {
  const since = Date.now() - accountWithinMs;
  return turns.slice(-3).some(({ record, at }) => record === null && Date.parse(at) > since);
}
