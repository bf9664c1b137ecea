import type { Condition } from './flow-spec.ts';
import type { WrittenCondition } from './schemas/condition.ts';

/** A condition as written, in the names of the code. */
export function resolveCondition(written: WrittenCondition): Condition {
  if ('all' in written) return { all: written.all.map(resolveCondition) };
  if ('any' in written) return { any: written.any.map(resolveCondition) };
  if ('is_not' in written) return { value: written.value, isNot: written.is_not };
  if ('one_of' in written) return { value: written.value, oneOf: written.one_of };
  return written;
}
