import type { Logger } from 'pino';
import { MatrixRequestError } from '#matrix/errors';
import { redactEvent } from '#matrix/redact-event';
import { type OutgoingEvent, sendEvent } from '#matrix/send-event';
import { txnIdOf } from '#matrix/send-txn-id';
import { failpoint } from '#runtime/failpoint';
import type { Delivery } from '#streams/delivery';
import { type EgressMetrics, kindOf } from '../egress-metrics.ts';
import { EncryptedRoomError, SendLaterError } from '../errors.ts';
import { encryptEvent } from './encrypt-event.ts';
import { findOwnEvent, type OwnEvent } from './find-own-event.ts';
import type { NotePosted } from './note-posted.ts';
import { createProspects, type Prospect, type Prospects } from './prospects.ts';
import type { RoomEncryption } from './room-encryption.ts';
import type { Speaker, Speakers } from './speaker.ts';
import { type SendErrorDeps, toSendError } from './to-send-error.ts';

export interface SpokenEvent extends OutgoingEvent {
  /** Who says it; the bot itself by default. */
  readonly agent?: string | null;
}

export interface Sender {
  /**
   * Who speaks in the room for this agent: the agent itself, or null for the bot, where it has no ghost or its ghost
   * cannot come in.
   */
  voiceOf(delivery: Delivery, agent: string | null, room: string): Promise<string | null>;
  /**
   * Says that the delivery is about to send into the room: what the next `send` has to know is asked for at once, beside
   * whatever is done until then. Never fails; a refusal is told by `send`.
   */
  ahead(delivery: Delivery, room: string): void;
  /**
   * Sends the event once for its key, whatever happened to earlier attempts, and returns its id.
   *
   * @param isSame knows the event where an earlier attempt has sent it; asked only for entries so old that the
   * homeserver may have forgotten the transaction id.
   * @throws {SendLaterError} to come again, {@link SendRefusedError} and {@link EncryptedRoomError} for good; what
   * else it throws counts as a failed attempt.
   */
  send(delivery: Delivery, event: SpokenEvent, isSame: (own: OwnEvent) => boolean): Promise<string>;
  /** Takes an event of ours back, with its edits; safe to repeat. Throws as `send`. */
  redact(
    delivery: Delivery,
    event: { readonly room: string; readonly event: string; readonly agent: string | null },
  ): Promise<void>;
  /** How long nothing should be sent into the room. */
  pausedMs(room: string): number;
}

export interface SenderDeps extends SendErrorDeps {
  readonly speakers: Speakers;
  readonly encryption: RoomEncryption;
  readonly notePosted: NotePosted;
  readonly metrics: EgressMetrics;
  readonly log: Logger;
}

const hourMs = 60 * 60_000;
/** Synapse keeps a device's transaction ids for 24 hours. */
const rememberedMs = 20 * hourMs;
/** How far the clocks of homeserver and Redis may be apart when the room is searched. */
const skewMs = hourMs;

export function createSender(deps: SenderDeps): Sender {
  const { speakers, pauses } = deps;
  const prospects = createProspects(deps);
  return {
    ahead: (delivery, room) => {
      if (pauses.remainingMs(room) === 0) prospects.begin(delivery, room);
    },
    voiceOf: (delivery, agent, room) =>
      translated(deps, delivery, room, async () =>
        (await speakers.speakerFor(agent, room, delivery.signal)) === speakers.bot ? null : agent,
      ),
    pausedMs: (room) => pauses.remainingMs(room),
    redact: (delivery, { room, event, agent }) =>
      translated(deps, delivery, room, async () => {
        const { client } = await speakers.speakerFor(agent, room, delivery.signal);
        await redactEvent(client, { room, event }, { signal: delivery.signal });
        pauses.accepted(room);
      }),
    send: async (delivery, event, isSame) => {
      const pausedMs = pauses.remainingMs(event.room);
      if (pausedMs > 0) {
        const about = { retryAfterMs: pausedMs, why: 'the homeserver asked for it', mayHaveArrived: false };
        throw new SendLaterError(event.room, about);
      }
      return translated(deps, delivery, event.room, async () => {
        const id = await attempt({ ...deps, prospects }, delivery, event, isSame);
        pauses.accepted(event.room);
        await deps.notePosted(event, id);
        return id;
      });
    },
  };
}

async function translated<T>(
  deps: SenderDeps,
  delivery: Delivery,
  room: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof MatrixRequestError)) throw error;
    throw await toSendError(deps, delivery, room, error);
  }
}

async function attempt(
  deps: SenderDeps & { readonly prospects: Prospects },
  delivery: Delivery,
  event: SpokenEvent,
  isSame: (own: OwnEvent) => boolean,
): Promise<string> {
  const { speakers } = deps;
  const { signal, appendedAt } = delivery;
  const prospect = deps.prospects.take(delivery, event.room);
  const speaker = await speakers.speakerFor(event.agent ?? null, event.room, signal);
  // Who speaks was asked before: for the bot, the event would be another one.
  if (isOfAgent(event) && speaker === speakers.bot) silencedIn(event.room)(undefined);
  const mark = txnIdOf(speaker.client.userId, event.room, event.key);
  if ((await prospect.now()) - appendedAt > rememberedMs) {
    const since = appendedAt - skewMs;
    const found = await findOwnEvent(speaker.client, event.room, { isWanted: isSame, mark, since, signal });
    if (found !== undefined) return found.id;
  }
  await failpoint('egress.before-send');
  const saying = say(deps, speaker, event, { mark, signal, prospect });
  const id = await (speaker === speakers.bot ? saying : saying.catch(silencedIn(event.room)));
  deps.metrics.sent.inc({ kind: kindOf(event.content) });
  await failpoint('egress.after-send');
  return id;
}

async function say(
  deps: SenderDeps,
  speaker: Speaker,
  event: SpokenEvent,
  { mark, signal, prospect }: { mark: string; signal: AbortSignal; prospect: Prospect },
): Promise<string> {
  const { room } = event;
  const options = { signal, timeoutMs: 60_000 };
  // Looked at last of all, so that a room that has just been encrypted gets no plaintext.
  if (!(await prospect.isEncrypted())) return sendEvent(speaker.client, event, options);
  if (speaker.crypto === undefined) {
    deps.metrics.encrypted.inc();
    throw new EncryptedRoomError(room);
  }
  const end = deps.metrics.encryptSeconds.startTimer();
  const encrypted = await encryptEvent(speaker.crypto, event, mark, signal);
  end();
  if (encrypted.type === 'm.room.encrypted') deps.metrics.encryptedEvents.inc();
  return sendEvent(speaker.client, { ...event, ...encrypted }, options);
}

function isOfAgent({ agent = null }: SpokenEvent): boolean {
  return agent !== null;
}

/** A ghost that may not speak any more is no reason not to speak: the entry comes again, and the bot says it. */
function silencedIn(room: string): (error: unknown) => never {
  return (cause) => {
    const isForbidden = cause === undefined || (cause instanceof MatrixRequestError && cause.status === 403);
    if (!isForbidden) throw cause;
    const about = { retryAfterMs: 100, why: 'its agent may not speak there any more', mayHaveArrived: false };
    throw new SendLaterError(room, about, { cause });
  };
}
