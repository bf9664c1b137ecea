/** Whether two spellings name the same: case, blanks around, `@`, and the brackets of a token's placeholder do not matter. */
export function isSameName(one: string, other: string): boolean {
  return plainOf(one) === plainOf(other);
}

function plainOf(name: string): string {
  const bare = name.trim().toLowerCase();
  return /^\[api_key-([0-9a-f]{16})\]$/.exec(bare)?.[1] ?? bare.replace(/^@/, '');
}
