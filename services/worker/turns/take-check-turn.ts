import { z } from 'zod';
import type { EntryOf } from '#contract/entry';
import type { Delivery } from '#streams/delivery';
import { UnreadableTimerError } from '../errors.ts';
import type { TurnResult } from './record-turn.ts';
import { checkField, closedField } from './session-notes.ts';
import { tellConversation } from './tell-conversation.ts';
import type { TurnDeps } from './turn-deps.ts';
import type { TurnSavers } from './turn-savers.ts';

const checkData = z.object({
  flow: z.string(),
  tool: z.string(),
  args: z.record(z.string(), z.json()),
  expect: z.json(),
  failed: z.string(),
  /** By Redis' clock, in milliseconds; releases before did not note it. */
  setAt: z.number().default(0),
});

/**
 * The time has come to look whether what a flow did has held. Timers of other kinds are nobody's here, and there is nobody
 * to tell where the room of the conversation was lost meanwhile: a later one in it is another.
 */
export async function takeCheckTurn(
  deps: TurnDeps,
  delivery: Delivery,
  entry: EntryOf<'timer.fired'>,
  savers: TurnSavers,
): Promise<TurnResult> {
  const { timer, kind, data } = entry.body;
  if (kind !== 'turn.check') return { outcome: 'no_reply' };
  const check = checkData.safeParse(data);
  if (!check.success) throw new UnreadableTimerError(timer);
  const { flow, tool, args, expect, failed, setAt } = check.data;
  const key = deps.keys.session(delivery.partition, entry.session);
  const closedAt = await deps.redis.hget(key, closedField);
  if (closedAt !== null && setAt <= Number(closedAt)) return { outcome: 'closed' };
  const happened = {
    kind: 'check',
    id: timer,
    check: { flow, tool, args, expect, failed },
    at: entry.at,
  } as const;
  const commit = await tellConversation(deps, delivery, savers, happened, null);
  const done = { command: 'HDEL', key, args: [checkField(timer)] } as const;
  return { ...commit, writes: [...savers.takeWrites(), ...commit.writes, done], outcome: 'checked' };
}
