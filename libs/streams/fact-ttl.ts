/** How long a fact's ledger key lives: a duplicate that arrives later is taken for new. In milliseconds. */
export const factTtlMs = 14 * 24 * 60 * 60 * 1000;
