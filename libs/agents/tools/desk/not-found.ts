import { ToolError } from '#agents/errors';

/** The error of a lookup that found nothing: nothing has happened, and another call finds nothing either. */
export function notFound(tool: string, what: string, name: string): ToolError {
  return new ToolError(tool, `There is no ${what} \`${name}\`.`, { wasApplied: 'no' });
}
