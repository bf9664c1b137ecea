/** Far deeper than any arguments: what is read, and sent back, level by level would end with the stack. */
const mostDepth = 100;

/**
 * Undefined where it is no JSON, which no JSON is, or has more than a hundred levels: what a model wrote is never trusted to
 * be any.
 */
export function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return isWithinDepth(value, mostDepth) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isWithinDepth(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return depth > 0 && Object.values(value).every((member) => isWithinDepth(member, depth - 1));
}
