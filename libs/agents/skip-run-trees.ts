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
 * environment) where nobody traces: nodes get a copy of one that LangChain made, with their own config in it. Answers,
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
    // Typed as any: what LangChain, or the copy below, has put there.
    const around = storage.getStore() as RunTree | undefined;
    const isLeftToLangChain =
      config?.callbacks !== undefined || avoidCreatingRootRunTree === true || isTracing(around);
    if (isLeftToLangChain) return stock(config, callback, avoidCreatingRootRunTree);
    return storage.run(copyOf(model, config, around), callback);
  };
  return {
    [Symbol.dispose]: () => {
      provider.runWithConfig = runWithConfig;
    },
  };
}

/** Undefined where there is no storage yet, or where it holds something else than this file knows. */
function modelOf(provider: typeof AsyncLocalStorageProviderSingleton): RunTree | undefined {
  if (isTracing(undefined)) return undefined;
  // Typed as any; looked at before it is used.
  const made = provider.runWithConfig({}, () => provider.getInstance().getStore()) as RunTree | undefined;
  return made?.tracingEnabled === false && childConfig in made.extra ? made : undefined;
}

function isTracing(around: RunTree | undefined): boolean {
  if (around !== undefined && around.tracingEnabled !== false) return true;
  return tracingVariables.some((name) => process.env[name] !== undefined);
}

function copyOf(model: RunTree, config: unknown, around: RunTree | undefined): RunTree {
  // The lists of the model are its own: what one run adds to them must not be seen by another.
  const own = {
    extra: { ...model.extra, [childConfig]: config },
    child_runs: [],
    inputs: {},
    serialized: {},
  };
  const copy: RunTree = Object.assign(Object.create(Object.getPrototypeOf(model)), model, own);
  const variables = around?.[_CONTEXT_VARIABLES_KEY];
  return variables === undefined ? copy : Object.assign(copy, { [_CONTEXT_VARIABLES_KEY]: variables });
}
