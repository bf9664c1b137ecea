/** As JSON lists of at most 2,000: a call of a Lua function takes some ten thousand arguments, a store may have more records. */
export function toLists(items: readonly string[]): string[] {
  const lists: string[] = [];
  for (let start = 0; start < items.length; start += 2_000) {
    lists.push(JSON.stringify(items.slice(start, start + 2_000)));
  }
  return lists;
}
