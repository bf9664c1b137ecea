import { ToolError } from '#agents/errors';
import type { Declined } from './forge-desk.ts';

/** What a change came to. @throws {ToolError} saying why it was not made. */
export function acceptChange<T extends object>(tool: string, what: string, answer: T | Declined): T {
  if ('declined' in answer) {
    throw new ToolError(tool, `Nothing was changed about ${what}: ${String(answer.declined)}.`, {
      wasApplied: 'no',
    });
  }
  return answer;
}
