import { _CONTEXT_VARIABLES_KEY, AsyncLocalStorageProviderSingleton } from '@langchain/core/singletons';

/** What LangChain keeps of a running node in its async storage: with tracing off, the part that is read. */
interface RunTree {
  readonly extra: object;
  readonly tracingEnabled?: boolean;
  readonly [contextVariables: symbol]: unknown;
}

/** The key under which LangChain's own storage keeps a node's config. */
const childConfig = Symbol.for('lc:child_config');
const tracingVariables = [
  'LANGSMITH_TRACING',
  'LANGSMITH_TRACING_V2',
  'LANGCHAIN_TRACING',
  'LANGCHAIN_TRACING_V2',
];

/**
 * Spares each node of a graph the making of a LangSmith run tree (random ids, dates as text, look-ups in the
 * environment) where nobody traces: nodes get a child of one that LangChain made, with their own config in it. Answers,
 * `interrupt()`, `getConfig()` and context variables stay what they are. As soon as tracing is switched on, or a run
 * has callbacks or a tracer, LangChain does all of it by itself.
 *
 * For the whole process, since LangChain's storage is; until it is disposed of.
 */
export function skipRunTrees(): Disposable {
  const provider = AsyncLocalStorageProviderSingleton;
  const { runWithConfig } = provider;
  const model = modelOf(provider);
  if (model === undefined) return { [Symbol.dispose]: () => undefined };
  const stock = runWithConfig.bind(provider);

  provider.runWithConfig = <T>(
    config: { readonly callbacks?: unknown } | undefined,
    callback: () => T,
    avoidCreatingRootRunTree?: boolean,
  ): T => {
    const storage = provider.getInstance();
    // Typed as any: what LangChain or `childOf` has put there.
    const around = storage.getStore() as RunTree | undefined;
    const isLeftToLangChain =
      config?.callbacks !== undefined || avoidCreatingRootRunTree === true || isTraced(around);
    if (isLeftToLangChain) return stock(config, callback, avoidCreatingRootRunTree);
    return storage.run(childOf(model, config, around), callback);
  };
  return {
    [Symbol.dispose]: () => {
      provider.runWithConfig = runWithConfig;
    },
  };
}

/** Undefined where there is no storage yet, or where it holds something else than this file knows. */
function modelOf(provider: typeof AsyncLocalStorageProviderSingleton): RunTree | undefined {
  if (isTraced(undefined)) return undefined;
  // Typed as any; looked at before it is used.
  const made = provider.runWithConfig({}, () => provider.getInstance().getStore()) as RunTree | undefined;
  return made?.tracingEnabled === false && childConfig in made.extra ? made : undefined;
}

/** What runs inside of something that is not traced is not traced either, whatever the environment says. */
function isTraced(around: RunTree | undefined): boolean {
  if (around !== undefined) return around.tracingEnabled !== false;
  return tracingVariables.some((name) => process.env[name] !== undefined);
}

/** Inherits the thirty fields of a run tree instead of copying them, ids included: untraced, nobody reads those. */
function childOf(model: RunTree, config: unknown, around: RunTree | undefined): RunTree {
  // Object.create is typed as any. What a run may add to is its own: the rest of the model is only read.
  const child: { -readonly [Field in keyof RunTree]: RunTree[Field] } & { child_runs?: unknown[] } =
    Object.create(model);
  child.extra = { ...model.extra, [childConfig]: config };
  child.child_runs = [];
  const variables = around?.[_CONTEXT_VARIABLES_KEY];
  if (variables !== undefined) child[_CONTEXT_VARIABLES_KEY] = variables;
  return child;
}
