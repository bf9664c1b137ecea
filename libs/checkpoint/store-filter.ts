import { isDeepStrictEqual } from 'node:util';
import { StoreRequestError } from './errors.ts';

/**
 * Whether an item's value satisfies a search filter: every key equals the given value, or satisfies its operators
 * `$eq $ne $gt $gte $lt $lte $in $nin`. Order is numeric, or alphabetic where both sides are texts and no numbers.
 * Throws StoreRequestError for an unknown operator.
 */
export function matchesFilter(value: Record<string, unknown>, filter: Record<string, unknown>): boolean {
  return Object.entries(filter).every(([key, wanted]) => {
    const actual = Object.hasOwn(value, key) ? value[key] : undefined;
    const operators = operatorsOf(wanted);
    if (operators === undefined) return isDeepStrictEqual(actual, wanted);
    return operators.every(([operator, operand]) => satisfies(operator, actual, operand));
  });
}

function operatorsOf(wanted: unknown): [string, unknown][] | undefined {
  if (typeof wanted !== 'object' || wanted === null || Array.isArray(wanted)) return undefined;
  const entries = Object.entries(wanted);
  return entries.some(([key]) => key.startsWith('$')) ? entries : undefined;
}

function satisfies(operator: string, actual: unknown, operand: unknown): boolean {
  switch (operator) {
    case '$eq':
      return isDeepStrictEqual(actual, operand);
    case '$ne':
      return !isDeepStrictEqual(actual, operand);
    case '$gt':
      return compare(actual, operand) > 0;
    case '$gte':
      return compare(actual, operand) >= 0;
    case '$lt':
      return compare(actual, operand) < 0;
    case '$lte':
      return compare(actual, operand) <= 0;
    case '$in':
      return isAmong(actual, operand);
    case '$nin':
      return !isAmong(actual, operand);
    default:
      throw new StoreRequestError(
        `The store knows no filter operator ${operator}; it knows $eq $ne $gt $gte $lt $lte $in $nin`,
      );
  }
}

/** NaN, which satisfies no comparison, where the two have no order. */
function compare(actual: unknown, operand: unknown): number {
  const difference = Number(actual ?? Number.NaN) - Number(operand ?? Number.NaN);
  if (!Number.isNaN(difference)) return difference;
  if (typeof actual !== 'string' || typeof operand !== 'string') return Number.NaN;
  return actual < operand ? -1 : actual > operand ? 1 : 0;
}

function isAmong(actual: unknown, operand: unknown): boolean {
  return Array.isArray(operand) && operand.some((one) => isDeepStrictEqual(actual, one));
}
