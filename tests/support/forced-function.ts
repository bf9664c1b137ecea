import { z } from 'zod';
import type { ModelRequest } from './model-reply.ts';

/** The function that a request forces; null where the model is free. */
export function forcedFunction(request: ModelRequest): string | null {
  const choice = z.object({ function: z.object({ name: z.string() }) }).safeParse(request.tool_choice);
  return choice.success ? choice.data.function.name : null;
}
