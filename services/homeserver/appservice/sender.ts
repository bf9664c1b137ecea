import type { Content } from '../content.ts';
import type { Context } from '../context.ts';
import { clientEvent } from '../rooms/client-event.ts';
import { type EventRow, eventColumns, type StoredEvent, toEvent } from '../rooms/stored-event.ts';
import { type AppserviceRegistration, ownsRoom, ownsUser } from './registration.ts';

/** As Synapse: so many events and ephemeral events go into one transaction. */
const maxBatch = 100;
/** Typing and receipts that an appservice gets to know when it comes back; older ones say nothing any more. */
const mostEphemeral = 1_000;
const maxBackoffSteps = 9;

interface Delivery {
  readonly service: AppserviceRegistration;
  ephemeral: Content[];
  /** Undefined while nothing is on its way. */
  running: Promise<void> | undefined;
  backoffSteps: number;
  retryTimer: NodeJS.Timeout | undefined;
  lastDelivered: { txnId: number; body: string } | undefined;
}

/**
 * Pushes events to appservices: in order, one transaction in flight each, the same id and body again until it is
 * answered with 200, after 2, 4, … 512 backoff steps. The queue and the transaction in flight are in the database.
 * Source: synapse/appservice/scheduler.py.
 */
export class AppserviceSender {
  readonly #context: () => Context;
  readonly #deliveries = new Map<string, Delivery>();
  #stopping = new AbortController();

  /** `context` is called only once the homeserver has been put together. */
  constructor(services: readonly AppserviceRegistration[], context: () => Context) {
    this.#context = context;
    for (const service of services) {
      this.#deliveries.set(service.id, {
        service,
        ephemeral: [],
        running: undefined,
        backoffSteps: 0,
        retryTimer: undefined,
        lastDelivered: undefined,
      });
    }
  }

  /** Queues an event for every appservice whom it concerns; part of the caller's database transaction. */
  enqueue(event: StoredEvent): void {
    const context = this.#context();
    for (const { service } of this.#deliveries.values()) {
      if (service.url === null || !this.#concerns(service, event)) continue;
      context.database.run(
        'INSERT INTO appservice_queue (appservice, pos) VALUES (?, ?)',
        service.id,
        event.pos,
      );
    }
  }

  /** Passes typing and receipts of a room on to the appservices that asked for them. */
  enqueueEphemeral(roomId: string, event: Content): void {
    for (const delivery of this.#deliveries.values()) {
      const { service } = delivery;
      const wantsIt = service.receive_ephemeral || service['de.sorunome.msc2409.push_ephemeral'];
      if (!wantsIt || !this.#isInRoom(service, roomId)) continue;
      delivery.ephemeral.push({ ...event, room_id: roomId });
      if (delivery.ephemeral.length > mostEphemeral) delivery.ephemeral.shift();
    }
    this.kick();
  }

  /** Starts delivering what waits, except to an appservice that is backing off. */
  kick(): void {
    for (const delivery of this.#deliveries.values()) {
      if (delivery.retryTimer === undefined) this.#start(delivery);
    }
  }

  /** Forgets the backoff of one appservice and tries at once: what a successful ping does. */
  forceRetry(id: string): void {
    const delivery = this.#deliveries.get(id);
    if (delivery === undefined) return;
    clearTimeout(delivery.retryTimer);
    delivery.retryTimer = undefined;
    delivery.backoffSteps = 0;
    this.#start(delivery);
  }

  /** Sends the last delivered transaction a second time; false when there was none. */
  async resendLast(id: string): Promise<boolean> {
    const delivery = this.#deliveries.get(id);
    if (delivery?.lastDelivered === undefined) return false;
    await delivery.running;
    const { txnId, body } = delivery.lastDelivered;
    return this.#put(delivery.service, txnId, body);
  }

  /** Forgets what Synapse keeps in memory, as its restart does, and tries again at once. */
  restart(): void {
    for (const [id, delivery] of this.#deliveries) {
      delivery.ephemeral = [];
      this.forceRetry(id);
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const delivery of this.#deliveries.values()) clearTimeout(delivery.retryTimer);
    await Promise.all([...this.#deliveries.values()].map(({ running }) => running));
  }

  #start(delivery: Delivery): void {
    if (delivery.running !== undefined || this.#stopping.signal.aborted) return;
    // Later, so that the database transaction that queued the event is over.
    delivery.running = Promise.resolve()
      .then(() => this.#drain(delivery))
      .catch((error: unknown) => {
        this.#context().log.error(
          { err: error, appservice: delivery.service.id },
          'appservice delivery failed',
        );
      })
      .finally(() => {
        delivery.running = undefined;
        // Something may have been queued between the last look and here.
        if (delivery.retryTimer === undefined && this.#hasWork(delivery)) this.#start(delivery);
      });
  }

  async #drain(delivery: Delivery): Promise<void> {
    for (;;) {
      if (this.#stopping.signal.aborted) return;
      const transaction = this.#inFlight(delivery) ?? this.#nextTransaction(delivery);
      if (transaction === undefined) return;
      const isDelivered = await this.#put(delivery.service, transaction.txnId, transaction.body);
      if (this.#stopping.signal.aborted) return;
      if (!isDelivered) return this.#backOff(delivery);
      delivery.backoffSteps = 0;
      delivery.lastDelivered = transaction;
      this.#context().database.run(
        'UPDATE appservice_txns SET in_flight = NULL WHERE appservice = ?',
        delivery.service.id,
      );
    }
  }

  #backOff(delivery: Delivery): void {
    delivery.backoffSteps = Math.min(delivery.backoffSteps + 1, maxBackoffSteps);
    const waitMs = this.#context().config.backoffUnitMs * 2 ** delivery.backoffSteps;
    delivery.retryTimer = setTimeout(() => {
      delivery.retryTimer = undefined;
      this.#start(delivery);
    }, waitMs);
  }

  #hasWork(delivery: Delivery): boolean {
    if (this.#stopping.signal.aborted || delivery.service.url === null) return false;
    const id = delivery.service.id;
    const { database } = this.#context();
    return (
      delivery.ephemeral.length > 0 ||
      database.get('SELECT 1 FROM appservice_queue WHERE appservice = ?', id) !== undefined
    );
  }

  #inFlight({ service }: Delivery): { txnId: number; body: string } | undefined {
    const row = this.#context().database.get<{ last_txn: number; in_flight: string | null }>(
      'SELECT last_txn, in_flight FROM appservice_txns WHERE appservice = ?',
      service.id,
    );
    if (row === undefined || row.in_flight === null) return undefined;
    return { txnId: row.last_txn, body: row.in_flight };
  }

  /** Takes the next events off the queue into a numbered transaction, in one step. */
  #nextTransaction(delivery: Delivery): { txnId: number; body: string } | undefined {
    const context = this.#context();
    const { id } = delivery.service;
    if (!this.#hasWork(delivery)) return undefined;
    return context.database.transaction(() => {
      const rows = context.database.all<EventRow>(
        `SELECT ${eventColumns} FROM events WHERE pos IN
           (SELECT pos FROM appservice_queue WHERE appservice = ? ORDER BY pos LIMIT ?) ORDER BY pos`,
        id,
        maxBatch,
      );
      const events = rows.map((row) => clientEvent(context, toEvent(row)));
      const body = JSON.stringify(transactionBody(delivery, events));
      const last = rows.at(-1)?.pos ?? 0;
      context.database.run('DELETE FROM appservice_queue WHERE appservice = ? AND pos <= ?', id, last);
      const row = context.database.get<{ last_txn: number }>(
        `INSERT INTO appservice_txns (appservice, last_txn, in_flight) VALUES (?, 1, ?)
         ON CONFLICT (appservice) DO UPDATE SET last_txn = last_txn + 1, in_flight = excluded.in_flight
         RETURNING last_txn`,
        id,
        body,
      );
      return { txnId: row?.last_txn ?? 1, body };
    });
  }

  async #put(service: AppserviceRegistration, txnId: number, body: string): Promise<boolean> {
    try {
      const response = await fetch(`${service.url}/_matrix/app/v1/transactions/${txnId}`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${service.hs_token}`, 'content-type': 'application/json' },
        body,
        signal: AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(60_000)]),
      });
      await response.arrayBuffer();
      if (!response.ok) {
        this.#context().log.warn(
          { appservice: service.id, txnId, status: response.status },
          'appservice refused',
        );
      }
      return response.ok;
    } catch (error) {
      this.#context().log.debug({ err: error, appservice: service.id, txnId }, 'appservice not reached');
      return false;
    }
  }

  #concerns(service: AppserviceRegistration, event: StoredEvent): boolean {
    const { serverName } = this.#context().config;
    if (ownsUser(service, event.sender, serverName)) return true;
    const target = event.type === 'm.room.member' ? event.stateKey : null;
    if (target !== null && ownsUser(service, target, serverName)) return true;
    return ownsRoom(service, event.roomId) || this.#isInRoom(service, event.roomId);
  }

  #isInRoom(service: AppserviceRegistration, roomId: string): boolean {
    const { config, database } = this.#context();
    const members = database.all<{ user_id: string }>(
      `SELECT user_id FROM members WHERE room_id = ? AND membership IN ('join', 'invite')`,
      roomId,
    );
    return members.some(({ user_id }) => ownsUser(service, user_id, config.serverName));
  }
}

function transactionBody(delivery: Delivery, events: Content[]): Content {
  const ephemeral = delivery.ephemeral.splice(0, maxBatch);
  const { receive_ephemeral, 'de.sorunome.msc2409.push_ephemeral': isUnstable } = delivery.service;
  return {
    events,
    ...(receive_ephemeral ? { ephemeral } : {}),
    ...(isUnstable ? { 'de.sorunome.msc2409.ephemeral': ephemeral } : {}),
  };
}
