import type { Logger } from 'pino';
import type { z } from 'zod';
import type { StreamName } from '#contract/bodies';
import type { Entry } from '#contract/entry';
import { expiryData, reminderData } from '#contract/timer-data';
import { failpoint } from '#runtime/failpoint';
import type { Publisher } from '#streams/publish';
import type { Alarm } from './alarms.ts';
import type { ClockMetrics } from './clock-metrics.ts';
import { TimerError } from './errors.ts';
import type { StoredTimer, Timers } from './timer-record.ts';

export interface FireTimerDeps {
  readonly timers: Timers;
  readonly publisher: Publisher;
  /** Redis' clock, in ms: the only one that says whether a timer is due. */
  readonly redisNow: () => Promise<number>;
  readonly metrics: ClockMetrics;
  readonly log: Logger;
}

/**
 * Fires a timer that is due: publishes its fact, once however often and by however many processes it is fired, and
 * then forgets the timer. Returns how many ms are left of one that is not due yet, else 0.
 *
 * @throws {TimerError} where the timer cannot be read; it stays.
 */
export async function fireTimer(deps: FireTimerDeps, { partition, timer }: Alarm): Promise<number> {
  const stored = await deps.timers.read(partition, timer);
  if (stored === undefined) return 0;
  const now = await deps.redisNow();
  if (stored.record.dueAt > now) return stored.record.dueAt - now;
  const { stream, entry } = factOf(stored, now);
  await failpoint('clock.before-publish');
  const { isNew } = await deps.publisher.publish(stream, entry);
  await failpoint('clock.after-publish');
  await deps.timers.remove(partition, stored);
  if (!isNew) return 0;
  const { kind, dueAt } = stored.record;
  deps.metrics.fired.inc({ kind });
  deps.metrics.late.observe((now - dueAt) / 1_000);
  deps.log.info({ timer, kind, session: stored.record.session, lateMs: now - dueAt }, 'Timer fired');
  return 0;
}

/** The entry that a timer becomes. Its fact is the timer, so that it comes once. */
function factOf({ timer, record }: StoredTimer, now: number): { stream: StreamName; entry: Entry } {
  const { kind, data, session, turn, trace } = record;
  const common = { id: timer, session, turn, trace, at: new Date(now).toISOString() };
  switch (kind) {
    case 'approval.expiry': {
      const { approval } = parseData(expiryData, timer, data);
      const body = { approval, dueAt: new Date(record.dueAt).toISOString() };
      return { stream: 'inbound', entry: { ...common, type: 'approval.expired', body } };
    }
    case 'approval.reminder': {
      const body = parseData(reminderData, timer, data);
      return { stream: 'approvals', entry: { ...common, type: 'approval.reminded', body } };
    }
    default:
      return { stream: 'inbound', entry: { ...common, type: 'timer.fired', body: { timer, kind, data } } };
  }
}

/** @throws {TimerError} where the data does not have the shape that its kind needs. */
export function parseData<Schema extends z.ZodType>(
  schema: Schema,
  timer: string,
  data: unknown,
): z.output<Schema> {
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'data'}: ${message}`);
  throw new TimerError(timer, `its data cannot be used (${problems.join('; ')})`);
}
