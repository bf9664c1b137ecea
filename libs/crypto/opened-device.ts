import { setTimeout as sleep } from 'node:timers/promises';
import type { CryptoDevice, Decrypted, EncryptedContent } from './crypto-device.ts';
import type { HookedDevice } from './device-hooks.ts';
import type { DeviceParts } from './device-parts.ts';
import { DeviceForgottenError, DeviceLostError } from './errors.ts';
import { decryptEvent } from './room/decrypt-event.ts';
import { type EncryptDeps, encryptEvent } from './room/encrypt-event.ts';
import { createRoomRoster } from './room/room-roster.ts';
import { createSerial } from './serial.ts';
import { createRequestPump, type RequestPump } from './sync/request-pump.ts';
import { toUserIds } from './to-user-ids.ts';

/** So long an event waits for word of its sender's devices; without it the device counts as unsigned. */
const meetMs = 2_000;
/** Of so many senders it is remembered that the SDK was told of them; telling it again is harmless. */
const mostMet = 10_000;

/** A device whose store is open; it ends when its lease does. */
export class OpenedDevice implements CryptoDevice, AsyncDisposable {
  readonly userId: string;
  readonly deviceId: string;
  readonly fingerprint: string;
  readonly pump: RequestPump;
  readonly #parts: DeviceParts;
  readonly #encrypting: EncryptDeps;
  readonly #inFlight = new Set<Promise<unknown>>();
  readonly #listeners = new Set<() => void>();
  readonly #met = new Set<string>();

  constructor(parts: DeviceParts) {
    this.#parts = parts;
    this.userId = parts.userId;
    this.deviceId = parts.deviceId;
    this.fingerprint = parts.machine.identityKeys.ed25519.toBase64();
    this.pump = createRequestPump(parts);
    const roster = createRoomRoster(parts.client.request);
    this.#encrypting = { parts, pump: this.pump, roster, serial: createSerial() };
    const announce = async (): Promise<void> => this.#announce();
    parts.machine.registerRoomKeyUpdatedCallback(announce);
    parts.machine.registerRoomKeysWithheldCallback(announce);
  }

  decrypt(event: unknown, room: string): Promise<Decrypted> {
    return this.use(async () => {
      await this.#meet(event);
      const outcome = await decryptEvent(this.#parts, event, room);
      this.#parts.metrics.decrypted.inc({
        outcome: outcome.ok ? 'decrypted' : outcome.isLate ? 'late' : 'never',
      });
      // The SDK has noted down whom to ask for the key.
      if (!outcome.ok && outcome.isLate) this.#inBackground(() => this.pump.run());
      return outcome;
    });
  }

  encrypt(room: string, type: string, content: object, signal: AbortSignal): Promise<EncryptedContent> {
    const both = AbortSignal.any([signal, this.#parts.ended]);
    return this.use(() => encryptEvent(this.#encrypting, { room, type, content, signal: both }));
  }

  onKeys(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  forgetRoom(room: string): void {
    this.#encrypting.roster.forget(room);
  }

  get hooked(): HookedDevice {
    const { machine, client, ended, store } = this.#parts;
    const alone = <T>(work: () => Promise<T>): Promise<T> =>
      this.use(async () => {
        const result = await this.pump.alone(work);
        await store.flush();
        return result;
      });
    return { machine, client, ended, alone };
  }

  /** Runs something that needs the SDK, which is closed only afterwards. */
  async use<T>(work: () => Promise<T>): Promise<T> {
    this.#requireHeld();
    const working = work();
    this.#inFlight.add(working);
    try {
      const result = await working;
      this.#requireHeld();
      return result;
    } catch (error) {
      if (isEnd(error)) this.#parts.end(error);
      // Whatever failed, failed because of that.
      this.#requireHeld();
      throw error;
    } finally {
      this.#inFlight.delete(working);
    }
  }

  /** Waits for what is under way, which ends soon as the device has ended, and frees its memory. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#listeners.clear();
    while (this.#inFlight.size > 0) await Promise.allSettled(this.#inFlight);
    await this.#parts.store.close(() => this.#parts.machine.close());
  }

  #requireHeld(): void {
    if (this.#parts.ended.aborted) throw new DeviceLostError(this.deviceId);
  }

  /**
   * Sees to it that the sender's devices are known as they are now, to tell whether the one that sent it is signed: word
   * of a new device comes together with its first key.
   */
  async #meet(event: unknown): Promise<void> {
    const sender = senderOf(event);
    if (sender !== undefined && !this.#met.has(sender)) {
      if (this.#met.size >= mostMet) this.#met.clear();
      this.#met.add(sender);
      await this.#parts.machine.updateTrackedUsers(toUserIds([sender]));
    }
    const asking = this.use(() => this.pump.run()).catch((error: unknown) => {
      this.#parts.log.warn({ err: error }, 'Could not ask for the devices of a sender');
    });
    const patience = new AbortController();
    await Promise.race([
      asking,
      sleep(meetMs, undefined, { signal: patience.signal }).catch(() => undefined),
    ]);
    patience.abort();
  }

  #announce(): void {
    this.#inBackground(async () => {
      await this.#parts.store.flush();
      this.#parts.metrics.keyBatches.inc();
      for (const listener of this.#listeners) listener();
    });
  }

  #inBackground(work: () => Promise<void>): void {
    void this.use(work).catch((error: unknown) => {
      if (!(error instanceof DeviceLostError))
        this.#parts.log.warn({ err: error }, 'The crypto device goes on without');
    });
  }
}

/** It cannot go on: it is another's now, its keys are unknown, or the SDK has panicked half way. */
function isEnd(error: unknown): error is Error {
  return (
    error instanceof DeviceLostError ||
    error instanceof DeviceForgottenError ||
    error instanceof WebAssembly.RuntimeError
  );
}

function senderOf(event: unknown): string | undefined {
  if (typeof event !== 'object' || event === null || !('sender' in event)) return undefined;
  return typeof event.sender === 'string' ? event.sender : undefined;
}
