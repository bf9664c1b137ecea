/** A JSON object whose fields nobody has vouched for: event contents, request bodies, account data. */
export type Content = Record<string, unknown>;

export function isContent(value: unknown): value is Content {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object at `key`, or an empty one. */
export function objectAt(content: Content, key: string): Content {
  const value = content[key];
  return isContent(value) ? value : {};
}

/** The string at `key`, or undefined. */
export function stringAt(content: Content, key: string): string | undefined {
  const value = content[key];
  return typeof value === 'string' ? value : undefined;
}

/** Parses what this homeserver itself wrote as a JSON object. */
export function parseStored(text: string): Content {
  const value: unknown = JSON.parse(text);
  return isContent(value) ? value : {};
}
