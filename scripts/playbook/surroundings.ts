import { createLocalStores } from '#agents/desk/create-local-stores';
import type { Stores } from '#agents/desk/stores';
import { createTools } from '#agents/tools/create-tools';
import { createDemoForgeDesk } from '#agents/tools/desk/create-demo-forge-desk';
import type { Tool } from '#agents/tools/tool';
import type { Passage } from '#playbook/playbook';

/**
 * What lies outside of a desk while dialogues are played: systems behind the tools, memory, budgets, canaries, time. A desk
 * is costly to compile, so it stays, and what is around it is made anew for each dialogue.
 */
export interface Surroundings {
  readonly clock: { now: number };
  readonly tools: readonly Tool[];
  readonly stores: Stores;
  /** As if nothing had ever happened. */
  renew(): void;
  /** Names of the tools that were called since the last call, in order. */
  takeRan(): readonly string[];
}

export function createSurroundings(passages: readonly Passage[], beginsAt: number): Surroundings {
  const clock = { now: beginsAt };
  let ran: string[] = [];
  const makeTools = (): ReadonlyMap<string, Tool> => {
    const desk = createDemoForgeDesk({ now: () => new Date(clock.now) });
    const made = createTools({ recordsUrl: undefined, desk, passages: () => passages });
    return new Map(made.map((tool) => [tool.name, tool]));
  };
  let tools = makeTools();
  let stores = createLocalStores(() => clock.now);
  return {
    clock,
    tools: [...tools.values()].map((tool) => ({
      ...tool,
      run: (args, call) => {
        ran.push(tool.name);
        return (tools.get(tool.name) ?? tool).run(args, call);
      },
    })),
    stores: {
      ...stores,
      memory: (policy) =>
        newest(
          () => stores,
          (one) => one.memory(policy),
        ),
      budgets: (policy) =>
        newest(
          () => stores,
          (one) => one.budgets(policy),
        ),
      canaries: newest(
        () => stores,
        (one) => one.canaries,
      ),
    },
    renew: () => {
      clock.now = beginsAt;
      ran = [];
      tools = makeTools();
      stores = createLocalStores(() => clock.now);
    },
    takeRan: () => {
      const taken = ran;
      ran = [];
      return taken;
    },
  };
}

/** Whatever is used of it is used of the part that belongs to the newest stores, made once for each. */
function newest<Part extends object>(current: () => Stores, partOf: (stores: Stores) => Part): Part {
  const parts = new WeakMap<Stores, Part>();
  const part = (): Part => {
    const stores = current();
    const made = parts.get(stores) ?? partOf(stores);
    parts.set(stores, made);
    return made;
  };
  return new Proxy(part(), { get: (_, name) => Reflect.get(part(), name) });
}
