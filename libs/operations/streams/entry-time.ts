/** When an entry was appended, by Redis' clock, in milliseconds. */
export function entryTime(entryId: string): number {
  return Number(entryId.split('-', 1)[0]);
}
