import { createHash } from 'node:crypto';

/** Numbers from 0 to below 1, always the same sequence for the same words (mulberry32 by Tommy Ettinger). */
export function createRandom(...words: readonly (string | number)[]): () => number {
  let state = createHash('sha256').update(JSON.stringify(words)).digest().readUInt32LE(0);
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The same items in an order of chance (Fisher and Yates). */
export function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  const order = [...items];
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    // Both are within the list.
    [order[last], order[other]] = [order[other] as Item, order[last] as Item];
  }
  return order;
}
