import type { Logger } from 'pino';
import { MatrixRequestError } from '#matrix/errors';
import type { MatrixClient } from '#matrix/matrix-client';
import type { Speaker, Speakers } from '../sending/speaker.ts';
import { createBoundedMemory } from './bounded-memory.ts';
import type { OpenGhost } from './open-ghost.ts';
import type { Outcome } from './outcome.ts';

export interface GhostsDeps {
  readonly bot: Speaker;
  readonly openGhost: OpenGhost;
  readonly comeIn: (
    bot: MatrixClient,
    ghost: MatrixClient,
    room: string,
    signal: AbortSignal,
  ) => Promise<Outcome<undefined>>;
  readonly log: Logger;
  /** Ghosts that are open at once; each may hold a crypto device. */
  readonly mostGhosts?: number;
  readonly now?: () => number;
}

interface Held {
  readonly opening: Promise<Outcome<Speaker>>;
  usedAt: number;
}

const minuteMs = 60_000;
/** Who is in a room may be put out of it. */
const insideMs = 5 * minuteMs;
/** Somebody may have changed the bot's power, or the registration. */
const refusedMs = 10 * minuteMs;
/** Nothing takes so long between asking for a speaker and having spoken. */
const idleMs = 15 * minuteMs;
const mostRooms = 10_000;

/**
 * Speakers with a ghost for each agent. A ghost that cannot be, or cannot come in, is remembered for a while, told once in
 * the log, and the bot speaks in its place; where the homeserver gives no answer nobody speaks in its place, because
 * what it has begun only it can go on with.
 */
export function createGhosts(deps: GhostsDeps): Speakers & AsyncDisposable {
  const { bot, log, mostGhosts = 64, now = () => performance.now() } = deps;
  const inside = createBoundedMemory({ most: mostRooms, keptMs: insideMs, now });
  const refused = createBoundedMemory({ most: mostRooms, keptMs: refusedMs, now });
  const told = createBoundedMemory({ most: mostRooms, keptMs: Number.POSITIVE_INFINITY, now });
  const held = new Map<string, Held>();

  /** Where a room does not take its words any more, the bot speaks from then on. */
  function watched(agent: string, speaker: Speaker): Speaker {
    const { client } = speaker;
    const request: MatrixClient['request'] = async (method, path, options) => {
      try {
        return await client.request(method, path, options);
      } catch (error) {
        const room = roomIn(path);
        if (error instanceof MatrixRequestError && error.status === 403 && room !== undefined) {
          inside.forget(placeOf(agent, room));
          refuse(placeOf(agent, room), { agent, room, reason: error.message });
        }
        throw error;
      }
    };
    return { ...speaker, client: { ...client, request } };
  }

  function ghostOf(agent: string): Promise<Outcome<Speaker>> {
    const known = held.get(agent);
    const opening =
      known?.opening ??
      deps
        .openGhost(agent)
        .then((outcome) => (outcome.ok ? { ok: true, value: watched(agent, outcome.value) } : outcome));
    // Maps keep the order of insertion: the first one is the longest unused.
    held.delete(agent);
    held.set(agent, { opening, usedAt: now() });
    const forget = (): void => {
      if (held.get(agent)?.opening === opening) held.delete(agent);
    };
    opening.then(({ ok }) => ok || forget(), forget);
    closeUnused();
    return opening;
  }

  function closeUnused(): void {
    for (const [agent, { opening, usedAt }] of held) {
      const isTooMany = held.size > mostGhosts;
      if (!isTooMany && now() - usedAt < idleMs) return;
      held.delete(agent);
      void close(opening, log);
    }
  }

  function refuse(place: string, about: { agent: string; room?: string; reason: string }): Speaker {
    refused.note(place);
    if (!told.has(place)) log.warn(about, 'The bot speaks for an agent that cannot speak for itself');
    told.note(place);
    return bot;
  }

  return {
    bot,
    async speakerFor(agent, room, signal) {
      if (agent === null || refused.has(agent)) return bot;
      const place = placeOf(agent, room);
      if (refused.has(place)) return bot;
      const ghost = await ghostOf(agent);
      if (!ghost.ok) return refuse(agent, { agent, reason: ghost.reason });
      if (inside.has(place)) return ghost.value;
      const entry = await deps.comeIn(bot.client, ghost.value.client, room, signal);
      if (!entry.ok) return refuse(place, { agent, room, reason: entry.reason });
      inside.note(place);
      return ghost.value;
    },
    async [Symbol.asyncDispose]() {
      const all = [...held.values()];
      held.clear();
      await Promise.all(all.map(({ opening }) => close(opening, log)));
    },
  };
}

async function close(opening: Promise<Outcome<Speaker>>, log: Logger): Promise<void> {
  try {
    const outcome = await opening;
    if (outcome.ok) await outcome.value.crypto?.[Symbol.asyncDispose]();
  } catch (error) {
    log.debug({ err: error }, 'a ghost was not closed in order');
  }
}

function placeOf(agent: string, room: string): string {
  return JSON.stringify([agent, room]);
}

function roomIn(path: string): string | undefined {
  const room = /\/rooms\/([^/]+)\/send\//.exec(path)?.[1];
  return room === undefined ? undefined : decodeURIComponent(room);
}
