import { z } from 'zod';
import type { Condition } from '#playbook/flow-spec';

const value = z.string();

/** A condition that comes back from a timer. */
export const conditionSchema: z.ZodType<Condition> = z.lazy(() =>
  z.union([
    z.strictObject({ value, is: z.json() }),
    z.strictObject({ value, isNot: z.json() }),
    z.strictObject({ value, above: z.number() }),
    z.strictObject({ value, below: z.number() }),
    z.strictObject({ value, oneOf: z.array(z.json()) }),
    z.strictObject({ value, known: z.boolean() }),
    z.strictObject({ all: z.array(conditionSchema) }),
    z.strictObject({ any: z.array(conditionSchema) }),
  ]),
);
