import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { partitionOf } from '#contract/partition-of';
import { parseSessionId, sessionId } from '#contract/session-id';
import { listOpenApprovals } from '#operations/approvals/find-approvals';
import { BadRequestError, NotFoundError } from '#operations/errors';
import { resetSession } from '#operations/sessions/reset-session';
import { listSessions, readSession, type SessionState } from '#operations/sessions/session-state';
import { readTurns } from '#operations/story/read-turns';
import type { Transport } from '#streams/open-transport';
import { redisNow } from '#streams/redis-now';
import { cursor } from '../api/live.ts';
import { session, sessionList, timeline } from '../api/resources.ts';
import { mayActAs } from '../api/role.ts';
import { approvalFor } from '../auth/approval-for.ts';
import { maySee, refuseForeign } from '../auth/may-see.ts';
import type { Caller } from '../caller.ts';
import { createRestorer } from '../live/create-restorer.ts';
import { createView, type View } from '../live/create-view.ts';
import { readEvents } from '../live/read-events.ts';
import type { RouteDeps } from '../route-deps.ts';

type SessionDeps = Pick<RouteDeps, 'transport' | 'authentication' | 'vault' | 'log'>;

type Timeline = z.output<typeof timeline>;

/** Whoever sees only their own: so many of the newest conversations are looked through for them. */
const mostLookedThrough = 1_000;
const params = z.object({ id: sessionId });
const page = z.strictObject({
  before: cursor.optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(300),
});

/** Conversations: where they stand, what happened in them, and forgetting one. */
export function sessionRoutes(server: FastifyInstance, deps: SessionDeps): void {
  const { transport, authentication } = deps;
  const restorer = createRestorer(deps.vault, deps.log);
  const app = server.withTypeProvider<ZodTypeProvider>();
  const preValidation = authentication.guard('user');

  app.get(
    '/api/v1/sessions',
    {
      preValidation,
      schema: {
        querystring: z.strictObject({ count: z.coerce.number().int().min(1).max(500).default(100) }),
        response: { 200: sessionList },
      },
    },
    async ({ caller, query: { count } }) => {
      const [now, states] = await Promise.all([
        redisNow(transport.redis),
        ofCaller(transport, caller, count),
      ]);
      return { now: new Date(now).toISOString(), sessions: states.map(toSession) };
    },
  );

  app.get(
    '/api/v1/sessions/:id',
    { preValidation, schema: { params, response: { 200: session } } },
    async ({ caller, params: { id } }) => {
      refuseForeign(caller, id, 'conversation');
      const state = await readSession(transport, id);
      if (state === undefined)
        throw new NotFoundError('This conversation was reset, has expired, or never had a turn');
      return toSession(state);
    },
  );

  app.get(
    '/api/v1/sessions/:id/timeline',
    { preValidation, schema: { params, querystring: page, response: { 200: timeline } } },
    async ({ caller, params: { id }, query }) => {
      refuseForeign(caller, id, 'conversation');
      const known = await readTimeline(transport, id, query);
      return timelineFor(caller, known, createView(caller, restorer));
    },
  );

  app.post(
    '/api/v1/sessions/:id/reset',
    { preValidation: authentication.guard('operator'), schema: { params, response: { 202: z.null() } } },
    async ({ caller, params: { id } }, reply) => {
      await resetSession(transport, id, caller.user);
      return reply.code(202).send(null);
    },
  );
}

async function ofCaller(transport: Transport, caller: Caller, count: number): Promise<SessionState[]> {
  if (caller.session !== null) {
    const only = await readSession(transport, caller.session);
    return only === undefined ? [] : [only];
  }
  if (mayActAs(caller.role, 'viewer')) return listSessions(transport, count);
  const newest = await listSessions(transport, mostLookedThrough);
  return newest.filter((state) => maySee(caller, state.session)).slice(0, count);
}

async function readTimeline(
  transport: Transport,
  id: string,
  { before, limit }: z.output<typeof page>,
): Promise<Timeline> {
  const [state, { events, cursor: next, older }, turns, open] = await Promise.all([
    readSession(transport, id),
    readSafely(() => readEvents(transport, id, { limit, ...(before === undefined ? {} : { before }) })),
    readTurns(transport, id),
    listOpenApprovals(transport),
  ]);
  const isNothing = before === undefined && older === null && events.length === 0 && turns.length === 0;
  if (state === undefined && isNothing)
    throw new NotFoundError('Nothing is known of this conversation (any more)');
  return {
    // Between its first message and the end of its first turn a conversation has no record yet.
    session: toSession(state ?? newState(transport, id, events.at(-1)?.at)),
    events,
    turns,
    waiting: open.filter((one) => one.session === id),
    cursor: next,
    older,
  };
}

/** The person of a conversation sees what was said; how it came about is for those who run the system. */
async function timelineFor(caller: Caller, known: Timeline, view: View): Promise<Timeline> {
  const seen = await Promise.all(known.events.map(view));
  return {
    ...known,
    events: seen.filter((event) => event !== null),
    turns: mayActAs(caller.role, 'viewer') ? known.turns : [],
    waiting: known.waiting.map((record) => approvalFor(caller, record)),
  };
}

/** A cursor of the right form may still be none. */
async function readSafely<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw error instanceof RangeError ? new BadRequestError(error.message) : error;
  }
}

function newState({ partitions }: Transport, id: string, at = new Date().toISOString()): SessionState {
  const dialogue = { conversation_state: 'idle', flow: null, step: null, awaiting: null };
  const lists = { paused: [], parked: [], topics: [] };
  const known = { session: id, partition: partitionOf(id, partitions), lastTurnAt: at };
  return { ...known, turns: 0, lastFact: '', ...dialogue, ...lists };
}

function toSession({ lastFact: _, ...state }: SessionState): z.output<typeof session> {
  const { room, thread, user } = parseSessionId(state.session) ?? { room: '', thread: null, user: '' };
  return { ...state, room, thread, user };
}
