import { z } from 'zod';
import type { Content } from '../content.ts';

const matching = {
  method: z.string().optional(),
  /** Regular expression on the undecoded path without the query. */
  path: z.string().default(''),
  user: z.string().optional(),
  /** How many matching requests this answers. */
  times: z.number().int().positive().default(1),
};

const script = z.discriminatedUnion('action', [
  /** 429 without applying the request. `header` becomes Retry-After, `bodyMs` retry_after_ms; each may be left out. */
  z.object({
    action: z.literal('rate-limit'),
    ...matching,
    header: z.string().optional(),
    bodyMs: z.number().optional(),
  }),
  /** An error before the request is applied; `html` makes it a proxy's page instead of JSON. */
  z.object({
    action: z.literal('fail-before'),
    ...matching,
    status: z.number().default(502),
    html: z.boolean().default(false),
  }),
  /** Applies the request, then hides its success behind an error. */
  z.object({
    action: z.literal('fail-after'),
    ...matching,
    status: z.number().default(502),
    html: z.boolean().default(false),
  }),
  /** Applies the request, then cuts the connection without an answer. */
  z.object({ action: z.literal('cut-after'), ...matching }),
  /** 200 with a page that is not JSON, without applying the request. */
  z.object({ action: z.literal('garbage'), ...matching }),
  z.object({ action: z.literal('delay'), ...matching, ms: z.number().nonnegative() }),
  /** Never answers, until the client gives up or the scripts are cleared. */
  z.object({ action: z.literal('hang'), ...matching }),
  /** The next sync of the user that has timeline events is answered a second time, word for word. */
  z.object({ action: z.literal('repeat-sync'), user: z.string().optional(), times: matching.times }),
  /** The next sync of the user with timeline events shows the last event of each room twice. */
  z.object({ action: z.literal('repeat-event'), user: z.string().optional(), times: matching.times }),
  /** The next syncs of the user with timeline events show at most `limit` per room, and are limited. */
  z.object({
    action: z.literal('limit-timeline'),
    user: z.string().optional(),
    times: matching.times,
    limit: z.number().int().positive(),
  }),
  /** Sends the appservice its last delivered transaction again, with the same id. */
  z.object({ action: z.literal('resend-transaction'), appservice: z.string() }),
  /** Forgets what Synapse keeps in memory only, and cuts all connections, as a restart does. */
  z.object({ action: z.literal('restart') }),
  /** Takes back every script that has not been used up. */
  z.object({ action: z.literal('clear') }),
]);

/** A fault to play, as a caller writes it. */
export type Script = z.input<typeof script>;
type Parsed = z.output<typeof script>;
type RequestScript = Extract<Parsed, { path: string }>;
type SyncScript = Extract<Parsed, { action: 'repeat-sync' | 'repeat-event' | 'limit-timeline' }>;

/** Checks a script from outside; throws with the fields that are wrong. */
export const parseScript = (value: unknown): Parsed => script.parse(value);

/** The faults that wait to be played. Each is used up after `times` matching requests. */
export class Scripts {
  #pending: { script: RequestScript | SyncScript; left: number }[] = [];
  readonly #repeated = new Map<string, Content>();
  readonly #hanging = new Set<() => void>();

  add(fault: RequestScript | SyncScript): void {
    this.#pending.push({ script: fault, left: fault.times });
  }

  clear(): void {
    this.#pending = [];
    this.#repeated.clear();
    for (const release of [...this.#hanging]) release();
  }

  /** The first fault for this request, counted as used. */
  take(request: { method: string; path: string; user: string | undefined }): RequestScript | undefined {
    return this.#use((fault): fault is RequestScript => {
      if (!('path' in fault)) return false;
      const isMethod = fault.method === undefined || fault.method === request.method;
      const isUser = fault.user === undefined || fault.user === request.user;
      return isMethod && isUser && new RegExp(fault.path).test(request.path);
    });
  }

  /** Resolves when the scripts are cleared or the request is gone. */
  hang(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const release = (): void => {
        this.#hanging.delete(release);
        resolve();
      };
      this.#hanging.add(release);
      signal.addEventListener('abort', release, { once: true });
      if (signal.aborted) release();
    });
  }

  /** The body that this user's next sync repeats, whatever it asks for. */
  takeRepeatedSync(userId: string): Content | undefined {
    const body = this.#repeated.get(userId);
    this.#repeated.delete(userId);
    return body;
  }

  /** The scripted timeline limit for this user; used up only by `onSync` with events. */
  timelineLimitFor(userId: string): number | undefined {
    for (const { script: fault } of this.#pending) {
      if (fault.action === 'limit-timeline' && isFor(fault, userId)) return fault.limit;
    }
    return undefined;
  }

  /** Passes on a sync answer, changed by the faults that wait for one with events. */
  onSync(userId: string, body: Content, hasTimeline: boolean): Content {
    if (!hasTimeline) return body;
    const isSyncFault =
      (action: SyncScript['action']) =>
      (fault: Parsed): fault is SyncScript =>
        fault.action === action && isFor(fault as SyncScript, userId);
    this.#use(isSyncFault('limit-timeline'));
    const doubled = this.#use(isSyncFault('repeat-event')) === undefined ? body : repeatLastEvents(body);
    if (this.#use(isSyncFault('repeat-sync')) !== undefined) this.#repeated.set(userId, doubled);
    return doubled;
  }

  #use<T extends RequestScript | SyncScript>(
    isWanted: (fault: RequestScript | SyncScript) => fault is T,
  ): T | undefined {
    const entry = this.#pending.find(({ script: fault }) => isWanted(fault));
    if (entry === undefined || !isWanted(entry.script)) return undefined;
    entry.left -= 1;
    if (entry.left <= 0) this.#pending.splice(this.#pending.indexOf(entry), 1);
    return entry.script;
  }
}

const isFor = (fault: SyncScript, userId: string): boolean =>
  fault.user === undefined || fault.user === userId;

const syncedRooms = z.looseObject({
  rooms: z.looseObject({
    join: z
      .record(z.string(), z.looseObject({ timeline: z.looseObject({ events: z.array(z.looseObject({})) }) }))
      .default({}),
  }),
});

function repeatLastEvents(body: Content): Content {
  const parsed = syncedRooms.parse(structuredClone(body));
  for (const { timeline } of Object.values(parsed.rooms.join))
    timeline.events.push(...timeline.events.slice(-1));
  return parsed;
}
