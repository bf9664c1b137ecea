import { z } from 'zod';
import { text } from './text.ts';

export type WrittenCondition = z.output<typeof condition>;

const path = text(200).describe('a path such as amount or invoice.state, without braces');

/** Written with snake_case: `is`, `is_not`, `above`, `below`, `one_of`, `known`, `all`, `any`. */
export const condition = z
  .union([
    z.strictObject({ value: path, is: z.json().describe('the value that it must be') }),
    z.strictObject({ value: path, is_not: z.json().describe('the value that it must not be') }),
    z.strictObject({ value: path, above: z.number().describe('a number that it must be above') }),
    z.strictObject({ value: path, below: z.number().describe('a number that it must be below') }),
    z.strictObject({ value: path, one_of: z.array(z.json()).min(1).max(100).describe('a list of values') }),
    z.strictObject({ value: path, known: z.boolean().describe('true or false') }),
    z.strictObject({
      get all() {
        return z.array(condition).min(1).max(50).describe('a list of conditions that must all hold');
      },
    }),
    z.strictObject({
      get any() {
        return z.array(condition).min(1).max(50).describe('a list of conditions of which one must hold');
      },
    }),
  ])
  .describe('a condition such as { value: invoice.state, is: paid }');
