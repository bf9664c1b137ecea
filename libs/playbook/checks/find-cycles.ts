/** The cycles of a graph, one for each group of nodes that all lead to each other; nodes in their order. */
export function findCycles(nodes: readonly string[], edges: (node: string) => readonly string[]): string[][] {
  const allowed = new Set(nodes);
  const reach = new Map(nodes.map((node) => [node, reachOf(node, edges, allowed)]));
  const done = new Set<string>();
  return nodes.flatMap((node) => {
    if (done.has(node) || !reach.get(node)?.has(node)) return [];
    const group = nodes.filter((other) => reach.get(node)?.has(other) && reach.get(other)?.has(node));
    for (const member of group) done.add(member);
    return [group];
  });
}

function reachOf(
  start: string,
  edges: (node: string) => readonly string[],
  allowed: ReadonlySet<string>,
): ReadonlySet<string> {
  const found = new Set<string>();
  const open = [...edges(start)];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (!allowed.has(node) || found.has(node)) continue;
    found.add(node);
    open.push(...edges(node));
  }
  return found;
}
