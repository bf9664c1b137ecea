/** Undefined where it is no JSON, which no JSON is: what a model wrote is never trusted to be any. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
