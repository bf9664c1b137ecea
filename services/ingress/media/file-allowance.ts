/** What files cost: bytes that were fetched, and the time that all who write had to wait for them, in ms. */
export interface FileCost {
  readonly bytes: number;
  readonly waitMs: number;
}

/** How much of files a person may have: without it, one who sends large files fast, or slow ones, could stop the others. */
export interface FileAllowance {
  /** Whether there is something left for them. */
  has(user: string): boolean;
  spend(user: string, cost: FileCost): void;
}

export interface FileAllowanceOptions {
  /** For how long one may have no more; default an hour. It begins with the first file. */
  readonly windowMs?: number;
  readonly now?: () => number;
}

const hourMs = 60 * 60_000;
/** Beyond this the ones that began first are forgotten. */
const mostPeople = 10_000;

/** So much in a window of time for each person, counted by this process alone. */
export function createFileAllowance(
  most: FileCost,
  { windowMs = hourMs, now = () => performance.now() }: FileAllowanceOptions = {},
): FileAllowance {
  const spent = new Map<string, FileCost & { readonly since: number }>();
  const current = (user: string) => {
    const found = spent.get(user);
    if (found !== undefined && now() - found.since < windowMs) return found;
    spent.delete(user);
    return undefined;
  };
  return {
    has: (user) => {
      const { bytes = 0, waitMs = 0 } = current(user) ?? {};
      return bytes < most.bytes && waitMs < most.waitMs;
    },
    spend: (user, cost) => {
      const { since = now(), bytes = 0, waitMs = 0 } = current(user) ?? {};
      const [oldest] = spent.keys();
      if (spent.size >= mostPeople && !spent.has(user) && oldest !== undefined) spent.delete(oldest);
      spent.set(user, { since, bytes: bytes + cost.bytes, waitMs: waitMs + cost.waitMs });
    },
  };
}
