import { parser } from '@prometheus-io/lezer-promql';

/** A node of the parser's tree, as far as it is looked at. */
interface Node {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly firstChild: Node | null;
  readonly nextSibling: Node | null;
  readonly parent: Node | null;
}

/**
 * What is wrong with a query: it does not parse, names a metric that nobody exposes, or a label that the metric does not
 * have. Empty where all is well. Variables of Grafana are taken as it would fill them in.
 */
export function problemsOf(query: string, series: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const text = withVariables(query);
  const problems: string[] = [];
  const root: Node = parser.parse(text).topNode;
  const visit = (node: Node): void => {
    if (node.name === '⚠') problems.push(`does not parse at ${JSON.stringify(text.slice(node.from))}`);
    if (node.name === 'VectorSelector') problems.push(...selectorProblems(node, text, series));
    if (node.name === 'GroupingLabels') problems.push(...groupingProblems(node, text, series));
    for (const child of childrenOf(node)) visit(child);
  };
  visit(root);
  if (metricsIn(query).length === 0) problems.push('asks for no metric');
  return problems;
}

/** The metrics that a query asks for. */
export function metricsIn(query: string): string[] {
  const text = withVariables(query);
  const names: string[] = [];
  const visit = (node: Node): void => {
    if (node.name === 'VectorSelector') names.push(nameOf(node, text));
    for (const child of childrenOf(node)) visit(child);
  };
  visit(parser.parse(text).topNode);
  return names;
}

function withVariables(query: string): string {
  return query.replaceAll(/\$__(rate_interval|range|interval)\b/g, '5m');
}

function selectorProblems(
  node: Node,
  text: string,
  series: ReadonlyMap<string, ReadonlySet<string>>,
): string[] {
  const name = nameOf(node, text);
  const labels = series.get(name);
  if (labels === undefined) return [`no service exposes ${name}`];
  return labelsIn(node, text)
    .filter((label) => !labels.has(label))
    .map((label) => `${name} has no label ${label}`);
}

/** Of an aggregation: each label must be one of the metrics inside; of a match: of one on either side. */
function groupingProblems(
  node: Node,
  text: string,
  series: ReadonlyMap<string, ReadonlySet<string>>,
): string[] {
  let around = node.parent;
  while (around !== null && around.name !== 'AggregateExpr' && around.name !== 'BinaryExpr')
    around = around.parent;
  if (around === null) return [];
  const known = new Set<string>();
  for (const name of metricsIn(text.slice(around.from, around.to))) {
    for (const label of series.get(name) ?? []) known.add(label);
  }
  return labelsIn(node, text)
    .filter((label) => !known.has(label))
    .map((label) => `groups by ${label}, which nothing inside has`);
}

function nameOf(node: Node, text: string): string {
  const identifier = childrenOf(node).find(({ name }) => name === 'Identifier');
  return identifier === undefined ? '' : text.slice(identifier.from, identifier.to);
}

function labelsIn(node: Node, text: string): string[] {
  const labels: string[] = [];
  const visit = (one: Node): void => {
    if (one.name === 'LabelName') labels.push(text.slice(one.from, one.to));
    for (const child of childrenOf(one)) visit(child);
  };
  visit(node);
  return labels;
}

function childrenOf(node: Node): Node[] {
  const children: Node[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) children.push(child);
  return children;
}
