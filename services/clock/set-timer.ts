import type { EntryOf } from '#contract/entry';
import { expiryData, reminderData } from '#contract/timer-data';
import type { Commit } from '#streams/commit';
import type { Delivery } from '#streams/delivery';
import type { Alarms } from './alarms.ts';
import { parseData } from './fire-timer.ts';
import type { Timers } from './timer-record.ts';

export interface SetTimerDeps {
  readonly timers: Timers;
  readonly alarms: Pick<Alarms, 'set' | 'cancel'>;
  readonly redisNow: () => Promise<number>;
}

/**
 * Keeps the timer, then sets its alarm. In this order, a timer may be without an alarm for a moment, which the
 * reconciler mends, but no alarm rings for a timer that nobody knows.
 *
 * @throws {TimerError} where the timer's data could not be used when it fires.
 */
export async function setTimer(
  { timers, alarms, redisNow }: SetTimerDeps,
  delivery: Delivery,
  entry: EntryOf<'timer.set'>,
): Promise<Commit> {
  const { timer, kind, data } = entry.body;
  if (kind === 'approval.expiry') parseData(expiryData, timer, data);
  if (kind === 'approval.reminder') parseData(reminderData, timer, data);
  await delivery.save({ writes: timers.setWrites(delivery.partition, entry) });
  const dueAt = Date.parse(entry.body.dueAt);
  await alarms.set({ partition: delivery.partition, timer }, dueAt, dueAt - (await redisNow()));
  return { outcome: 'set' };
}

/** Forgets the timer and its alarm; one that has fired meanwhile has fired. */
export async function cancelTimer(
  { timers, alarms }: SetTimerDeps,
  delivery: Delivery,
  entry: EntryOf<'timer.cancelled'>,
): Promise<Commit> {
  const { partition } = delivery;
  const { timer } = entry.body;
  const stored = await timers.read(partition, timer);
  if (stored !== undefined) await alarms.cancel({ partition, timer }, stored.record.dueAt);
  return { writes: timers.cancelWrites(partition, timer), outcome: 'cancelled' };
}
