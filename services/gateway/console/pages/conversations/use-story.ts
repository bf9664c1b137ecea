import { useEffect, useMemo, useState } from 'preact/hooks';
import type { z } from 'zod';
import type { LiveEvent } from '../../../api/live.ts';
import type { timeline } from '../../../api/resources.ts';
import type { ApiError } from '../../api.ts';
import { followLive } from '../../live.ts';
import { useResource } from '../../resource.ts';
import { type StoryTurn, tellTurns } from './tell-turns.ts';

export type Timeline = z.infer<typeof timeline>;

export interface LiveStory {
  /** Undefined until the first answer. */
  readonly known: Timeline | undefined;
  readonly turns: readonly StoryTurn[];
  readonly error: ApiError | undefined;
  reload(): void;
}

/** Events beyond these are known from the timeline, which is asked for again and again. */
const keptEvents = 2_000;
const settlesMs = 350;
/** A turn without an account for longer than this never gets one: it is not kept any more. */
const accountWithinMs = 10 * 60_000;

/** What happened in a conversation and what happens in it now, with the account of each turn soon after its end. */
export function useStory(session: string): LiveStory {
  const path = `/api/v1/sessions/${encodeURIComponent(session)}/timeline`;
  const [live, setLive] = useState<readonly LiveEvent[]>([]);
  const [isWaiting, setWaiting] = useState(false);
  const { data, error, reload } = useResource<Timeline>(path, { everyMs: isWaiting ? 2_000 : 30_000 });
  const hasBegun = data !== undefined;

  // From the cursor of the first answer; what comes later comes by the socket.
  useEffect(() => {
    if (data === undefined) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const soon = (): void => {
      timer ??= setTimeout(() => {
        timer = undefined;
        reload();
      }, settlesMs);
    };
    const stop = followLive(session, data.cursor, {
      onEvent: (event) => {
        setLive((before) => [...before.slice(-keptEvents), event]);
        if (event.event !== 'draft') soon();
      },
      onGap: reload,
    });
    return () => {
      clearTimeout(timer);
      stop();
      setLive([]);
    };
  }, [session, hasBegun]);

  const turns = useMemo(
    () => (data === undefined ? [] : tellTurns([...data.events, ...live], data.turns, data.waiting)),
    [data, live],
  );
  useEffect(() => setWaiting(awaitsAccount(turns)), [turns]);
  return { known: data, turns, error, reload };
}

/** True while a turn runs, or has ended without its account having been fetched. */
function awaitsAccount(turns: readonly StoryTurn[]): boolean {
  const since = Date.now() - accountWithinMs;
  return turns.slice(-3).some(({ record, at }) => record === null && Date.parse(at) > since);
}
