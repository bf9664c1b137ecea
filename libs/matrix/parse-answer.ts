import type { z } from 'zod';
import { MatrixAnswerError } from './errors.ts';

/** @throws {MatrixAnswerError} where the answer to `path` does not have the shape of `schema`. */
export function parseAnswer<Schema extends z.ZodType>(
  schema: Schema,
  path: string,
  answer: unknown,
): z.output<Schema> {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.slice(0, 3);
  throw new MatrixAnswerError(
    path,
    problems.map((issue) => `${issue.path.join('.') || 'the answer'}: ${issue.message}`).join('; '),
  );
}
