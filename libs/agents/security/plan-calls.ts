import type { KnownTool } from '#agents/sops/tool-source';
import { canonicalJson, type Json } from '#contract/canonical-json';

export interface PlannedCall {
  readonly tool: string;
  readonly args: Readonly<Record<string, Json>>;
  /** Required arguments that nothing in the message gives: it is not called. */
  readonly missing: readonly string[];
}

type Entities = Readonly<Record<string, readonly Json[]>>;

/** What an argument that only says whom or what it is about may be, the most telling first. */
const subjects = ['fingerprint', 'username', 'organisation', 'email'] as const;
const mostCalls = 10;

/**
 * The calls of one tool: one for each value of what it is about, few. An argument gets the value of its own name; `subject`
 * gets what the message is about, or the sender.
 */
export function planCalls(tool: KnownTool, entities: Entities, sender: string): readonly PlannedCall[] {
  const choices = tool.args.map((name) => [name, valuesFor(name, entities, sender)] as const);
  const missing = tool.required.filter(
    (name) => !choices.some(([known, values]) => known === name && values.length > 0),
  );
  if (missing.length > 0) return [{ tool: tool.name, args: {}, missing }];
  const calls = new Map<string, PlannedCall>();
  const count = Math.max(1, ...choices.map(([, values]) => values.length));
  for (let index = 0; index < Math.min(count, mostCalls); index += 1) {
    const args = Object.fromEntries(
      choices.flatMap(([name, values]) => {
        const value = values[Math.min(index, values.length - 1)];
        return value === undefined ? [] : [[name, value] as const];
      }),
    );
    calls.set(canonicalJson(args), { tool: tool.name, args, missing: [] });
  }
  return [...calls.values()];
}

function valuesFor(name: string, entities: Entities, sender: string): readonly Json[] {
  const of = (type: string): readonly Json[] => (Object.hasOwn(entities, type) ? (entities[type] ?? []) : []);
  if (name === 'sender') return [sender];
  if (name !== 'subject') return of(name);
  return subjects.map(of).find(({ length }) => length > 0) ?? [sender];
}
