export interface Places {
  readonly taken: number;
  /** Takes a place until the function that it returns is called; or says who has too many. */
  take(user: string): (() => void) | 'process' | 'caller';
}

/** Counts who holds something open, in all and for each user. */
export function createPlaces(limits: { readonly most: number; readonly mostOfCaller: number }): Places {
  const byUser = new Map<string, number>();
  let taken = 0;
  return {
    get taken() {
      return taken;
    },
    take: (user) => {
      if (taken >= limits.most) return 'process';
      const own = byUser.get(user) ?? 0;
      if (own >= limits.mostOfCaller) return 'caller';
      byUser.set(user, own + 1);
      taken += 1;
      let isTaken = true;
      return () => {
        if (!isTaken) return;
        isTaken = false;
        taken -= 1;
        const left = (byUser.get(user) ?? 1) - 1;
        if (left === 0) byUser.delete(user);
        else byUser.set(user, left);
      };
    },
  };
}
