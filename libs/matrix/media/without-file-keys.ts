/** The keys of encrypted attachments and their thumbnails, wherever they stand in an event. */
const holders = new Set(['file', 'thumbnail_file']);
const deepest = 32;

/** An event without the keys of its encrypted attachments, for places where it is kept. Everything else stays. */
export function withoutFileKeys(value: unknown, depth = 0): unknown {
  // Canonical JSON of an event is never so deep; what is, is no attachment.
  if (typeof value !== 'object' || value === null || depth > deepest) return value;
  if (Array.isArray(value)) return value.map((item) => withoutFileKeys(item, depth + 1));
  const members = Object.entries(value).map(([name, member]) => [
    name,
    holders.has(name) ? withoutKey(member) : withoutFileKeys(member, depth + 1),
  ]);
  return Object.fromEntries(members);
}

function withoutKey(file: unknown): unknown {
  if (typeof file !== 'object' || file === null) return null;
  const { key: _, ...rest }: Record<string, unknown> = { ...file };
  return rest;
}
