/** How much of files a person may have kept: without it, one who sends large files fast could fill Redis. */
export interface FileAllowance {
  /** Whether there is something left for them. */
  has(user: string): boolean;
  spend(user: string, bytes: number): void;
}

const hourMs = 60 * 60_000;
/** Beyond this the ones that began first are forgotten. */
const mostPeople = 10_000;

/** So many bytes an hour for each person, counted by this process alone: an hour begins with their first file. */
export function createFileAllowance(
  bytesPerHour: number,
  now: () => number = () => performance.now(),
): FileAllowance {
  const spent = new Map<string, { readonly since: number; bytes: number }>();
  const current = (user: string) => {
    const found = spent.get(user);
    if (found !== undefined && now() - found.since < hourMs) return found;
    spent.delete(user);
    return undefined;
  };
  return {
    has: (user) => (current(user)?.bytes ?? 0) < bytesPerHour,
    spend: (user, bytes) => {
      const found = current(user);
      if (found !== undefined) {
        found.bytes += bytes;
        return;
      }
      const [oldest] = spent.keys();
      if (spent.size >= mostPeople && oldest !== undefined) spent.delete(oldest);
      spent.set(user, { since: now(), bytes });
    },
  };
}
