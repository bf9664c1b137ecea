import type { Logger } from 'pino';
import { MatrixRequestError } from '#matrix/errors';
import { redactEvent } from '#matrix/redact-event';
import { type OutgoingEvent, sendEvent } from '#matrix/send-event';
import { txnIdOf } from '#matrix/send-txn-id';
import { failpoint } from '#runtime/failpoint';
import type { Delivery } from '#streams/delivery';
import { type EgressMetrics, kindOf } from './egress-metrics.ts';
import { encryptEvent } from './encrypt-event.ts';
import { EncryptedRoomError, SendLaterError, SendRefusedError } from './errors.ts';
import type { ExplainForbidden } from './explain-forbidden.ts';
import { findOwnEvent, type OwnEvent } from './find-own-event.ts';
import type { NotePosted } from './note-posted.ts';
import type { RoomEncryption } from './room-encryption.ts';
import type { SendPauses } from './send-pauses.ts';
import type { Speaker, Speakers } from './speaker.ts';

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

export interface SenderDeps {
  readonly speakers: Speakers;
  readonly encryption: RoomEncryption;
  readonly pauses: SendPauses;
  readonly redisNow: () => Promise<number>;
  readonly notePosted: NotePosted;
  /** The homeserver does not know our token any more: nothing can be sent until the operator has acted. */
  readonly onTokenRefused: (error: MatrixRequestError) => void;
  /** Why a room forbids it, where that can be found out. */
  readonly explainForbidden?: ExplainForbidden;
  readonly metrics: EgressMetrics;
  readonly log: Logger;
}

const hourMs = 60 * 60_000;
/** Synapse keeps a device's transaction ids for 24 hours. */
const rememberedMs = 20 * hourMs;
/** How far the clocks of homeserver and Redis may be apart when the room is searched. */
const skewMs = hourMs;
/** Until an entry is this old, an unreachable homeserver burns none of its attempts. */
const patienceMs = 24 * hourMs;

export function createSender(deps: SenderDeps): Sender {
  const { speakers, encryption, pauses } = deps;

  /** What goes over the wire. Asked last of all, so that a room that has just been encrypted gets no plaintext. */
  async function prepare(speaker: Speaker, event: SpokenEvent, mark: string, signal: AbortSignal) {
    if (!(await encryption.isEncrypted(event.room, signal))) return {};
    if (speaker.crypto === undefined) {
      deps.metrics.encrypted.inc();
      throw new EncryptedRoomError(event.room);
    }
    const end = deps.metrics.encryptSeconds.startTimer();
    const encrypted = await encryptEvent(speaker.crypto, event, mark, signal);
    end();
    if (encrypted.type === 'm.room.encrypted') deps.metrics.encryptedEvents.inc();
    return encrypted;
  }

  async function attempt(delivery: Delivery, event: SpokenEvent, isSame: (own: OwnEvent) => boolean) {
    const { signal, appendedAt } = delivery;
    const speaker = await speakers.speakerFor(event.agent ?? null, event.room, signal);
    // Who speaks was asked before: for the bot, the event would be another one.
    if (isOfAgent(event) && speaker === speakers.bot) silencedIn(event.room)(undefined);
    const mark = txnIdOf(speaker.client.userId, event.room, event.key);
    if ((await deps.redisNow()) - appendedAt > rememberedMs) {
      const since = appendedAt - skewMs;
      const found = await findOwnEvent(speaker.client, event.room, { isWanted: isSame, mark, since, signal });
      if (found !== undefined) return found.id;
    }
    await failpoint('egress.before-send');
    const sent = await prepare(speaker, event, mark, signal);
    const options = { signal, timeoutMs: 60_000 };
    const sending = sendEvent(speaker.client, { ...event, ...sent }, options);
    const id = await (speaker === speakers.bot ? sending : sending.catch(silencedIn(event.room)));
    deps.metrics.sent.inc({ kind: kindOf(event.content) });
    await failpoint('egress.after-send');
    return id;
  }

  async function translated<T>(delivery: Delivery, room: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof MatrixRequestError)) throw error;
      throw await translate(deps, delivery, room, error);
    }
  }

  return {
    voiceOf: (delivery, agent, room) =>
      translated(delivery, room, async () =>
        (await speakers.speakerFor(agent, room, delivery.signal)) === speakers.bot ? null : agent,
      ),
    pausedMs: (room) => pauses.remainingMs(room),
    redact: (delivery, { room, event, agent }) =>
      translated(delivery, room, async () => {
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
      return translated(delivery, event.room, async () => {
        const id = await attempt(delivery, event, isSame);
        pauses.accepted(event.room);
        await deps.notePosted(event, id);
        return id;
      });
    },
  };
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

async function translate(
  deps: SenderDeps,
  delivery: Delivery,
  room: string,
  error: MatrixRequestError,
): Promise<Error> {
  const { status, errcode } = error;
  if (status === 429) {
    const retryAfterMs = deps.pauses.refused(room, error.retryAfterMs);
    const about = { retryAfterMs, why: 'the homeserver limits our rate (429)', mayHaveArrived: false };
    return new SendLaterError(room, about, { cause: error });
  }
  if (errcode === 'M_UNKNOWN_TOKEN' || status === 401) deps.onTokenRefused(error);
  if (!error.retryable) {
    const explained =
      status === 403 ? await deps.explainForbidden?.({ room, entry: delivery.entry }, error) : undefined;
    return new SendRefusedError(room, explained ?? refusal(room, error), { cause: error });
  }
  // 500 may be this very event's fault; the rest says that the homeserver or the way to it is down.
  const isDown = status !== 500 && (await deps.redisNow()) - delivery.appendedAt < patienceMs;
  if (!isDown) return error;
  const retryAfterMs = deps.pauses.refused(room, error.retryAfterMs);
  const about = { retryAfterMs, why: 'the homeserver gives no answer', mayHaveArrived: true };
  return new SendLaterError(room, about, { cause: error });
}

function refusal(room: string, { status, errcode, message }: MatrixRequestError): string {
  const answer = `${status ?? 'no answer'} ${errcode ?? ''}`.trim();
  if (status === 401) {
    return `The homeserver does not take our access token (${answer}): renew MATRIX_ACCESS_TOKEN or the password, restart egress, then replay the dead letters`;
  }
  if (status === 403) {
    return `The bot may not send into room ${room} (${answer}): was it kicked or banned, or is its power level too low? Invite it again, then replay the dead letter`;
  }
  if (status === 404) return `Room ${room} is gone or unknown to the homeserver (${answer})`;
  if (status === 413) {
    return `The homeserver finds the event for room ${room} too large (${answer}): raise its limit for events, then replay the dead letter`;
  }
  return `The homeserver refuses the event for room ${room} (${answer}): ${message}`;
}
