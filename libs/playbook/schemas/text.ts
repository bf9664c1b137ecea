import { z } from 'zod';

/** Text that is not empty, without blanks around it. `longest` counts UTF-16 units. */
export function text(longest: number): z.ZodString {
  return z.string().trim().min(1, 'is empty').max(longest, `is longer than ${longest} characters`);
}
