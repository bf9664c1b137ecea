import { z } from 'zod';
import type { EntryOf } from '#contract/entry';
import type { Delivery } from '#streams/delivery';
import { UnreadableTimerError } from '../errors.ts';
import { tellConversation } from './tell-conversation.ts';
import type { TurnDeps } from './turn-deps.ts';
import type { TurnSavers } from './turn-savers.ts';

const checkData = z.object({
  flow: z.string(),
  tool: z.string(),
  args: z.record(z.string(), z.json()),
  expect: z.json(),
  failed: z.string(),
});

import type { TurnResult } from './record-turn.ts';

/** The time has come to look whether what a flow did has held. Timers of other kinds are nobody's here. */
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
  const happened = { kind: 'check', id: timer, check: check.data, at: entry.at } as const;
  const commit = await tellConversation(deps, delivery, savers, happened, null);
  return { ...commit, writes: [...savers.takeWrites(), ...commit.writes], outcome: 'checked' };
}
