import type { Edit } from './mutant.ts';

export type Applied =
  | { readonly ok: true; readonly source: string }
  | { readonly ok: false; readonly reason: string };

/** The source with the edit made; refused unless its place is there exactly once. */
export function applyEdit(source: string, { file, find, replace }: Edit): Applied {
  const parts = source.split(find);
  if (parts.length === 2) return { ok: true, source: parts.join(replace) };
  const count = parts.length === 1 ? 'is not there' : `is there ${parts.length - 1} times`;
  return { ok: false, reason: `no longer applies: ${file}: ${JSON.stringify(find)} ${count}` };
}
