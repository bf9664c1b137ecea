/** What was wanted, or why it cannot be had now; what may work in a moment throws instead. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: string };
