import { type CheckpointTuple, INTERRUPT, isInterrupted } from '@langchain/langgraph';
import { z } from 'zod';

const interrupts = z.union([
  z.object({ id: z.string() }).transform((one) => [one]),
  z.array(z.object({ id: z.string() })),
]);

/** The id of the interrupt that a run stopped at, from what `invoke` returned; undefined where it ran to its end. */
export function interruptOf(result: unknown): string | undefined {
  return isInterrupted(result) ? firstId(result[INTERRUPT]) : undefined;
}

/** The id of the interrupt that a thread waits on, from its newest checkpoint; undefined where it waits on none. */
export function waitingInterruptOf(tuple: CheckpointTuple | undefined): string | undefined {
  const write = tuple?.pendingWrites?.find(([, channel]) => channel === INTERRUPT);
  return write === undefined ? undefined : firstId(write[2]);
}

function firstId(value: unknown): string | undefined {
  const read = interrupts.safeParse(value);
  return read.success ? read.data[0]?.id : undefined;
}
