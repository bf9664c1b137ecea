import type { ListNamespacesOperation, MatchCondition } from '@langchain/langgraph-checkpoint';

/** The namespaces that an operation asks for: distinct, cut to `maxDepth`, in the order of their labels. */
export function listNamespaces(all: readonly string[][], operation: ListNamespacesOperation): string[][] {
  const { matchConditions = [], maxDepth = Number.POSITIVE_INFINITY, limit, offset } = operation;
  const matching = all.filter((namespace) => matchConditions.every((one) => matches(namespace, one)));
  const cut = new Map(
    matching.map((namespace) => {
      const path = namespace.slice(0, maxDepth);
      return [JSON.stringify(path), path];
    }),
  );
  const start = offset ?? 0;
  return [...cut.values()].sort(comparePaths).slice(start, start + (limit ?? cut.size));
}

function matches(namespace: readonly string[], { matchType, path }: MatchCondition): boolean {
  if (path.length > namespace.length) return false;
  const start = matchType === 'prefix' ? 0 : namespace.length - path.length;
  return path.every((label, i) => label === '*' || label === namespace[start + i]);
}

function comparePaths(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i += 1) {
    const order = (a[i] ?? '').localeCompare(b[i] ?? '');
    if (order !== 0) return order;
  }
  return a.length - b.length;
}
