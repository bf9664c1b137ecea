import { isDeepStrictEqual } from 'node:util';
import { type Document, isMap, isScalar, isSeq, type Node, parse, parseDocument, stringify } from 'yaml';

type Path = readonly (string | number)[];

/**
 * Adds texts to the end of a list in a YAML file, each once. Only the lines of the list are touched where it is written as lists
 * usually are; else the file is written anew by its document. Comments stay in both cases, and so does the meaning of all else.
 *
 * @param path of the list, which is made where it is not there.
 */
export function addToYamlList(text: string, path: Path, added: readonly string[]): string {
  const present = textsIn(text, path);
  const fresh = added.filter((value, index) => !present.has(value) && added.indexOf(value) === index);
  return fresh.length === 0 ? text : addFresh(text, path, fresh);
}

function textsIn(text: string, path: Path): ReadonlySet<unknown> {
  const list = parseDocument(text).getIn(path, true);
  return new Set(isSeq(list) ? list.items.map((item) => (isScalar(item) ? item.value : item)) : []);
}

function addFresh(text: string, path: Path, added: readonly string[]): string {
  const wanted = dataWith(text, path, added);
  const edited = insertLines(text, path, added);
  // An edit of the text is believed only where it says what was meant, and nothing else.
  if (edited !== undefined && isDeepStrictEqual(dataOf(edited), wanted)) return edited;
  const document = parseDocument(text);
  addNodes(document, path, added);
  return document.toString({ lineWidth: 0 });
}

function dataOf(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

function dataWith(text: string, path: Path, added: readonly string[]): unknown {
  const document = parseDocument(text);
  addNodes(document, path, added);
  return document.toJS();
}

function addNodes(document: Document, path: Path, added: readonly string[]): void {
  const list = document.getIn(path, true);
  if (isSeq(list)) for (const value of added) list.add(document.createNode(value));
  else document.setIn(path, document.createNode(added));
}

function insertLines(text: string, path: Path, added: readonly string[]): string | undefined {
  const document = parseDocument(text);
  const list = document.getIn(path, true);
  if (list === undefined && path.length === 1 && isTopLevel(document)) {
    const head = text === '' || text.endsWith('\n') ? text : `${text}\n`;
    return `${head}${String(path[0])}:\n${added.map((value) => `  - ${inBlock(value)}\n`).join('')}`;
  }
  if (!isSeq<Node>(list)) return undefined;
  const last = list.items.at(-1);
  if (list.flow === true) return insertIntoFlow(text, list.range?.[0], last, added);
  const [start, end] = last?.range ?? [];
  if (start === undefined || end === undefined) return undefined;
  const lead = /(?:^|\n)([ ]*- )$/.exec(text.slice(0, start))?.[1];
  if (lead === undefined) return undefined;
  const isClosed = text[end - 1] === '\n';
  const lineEnd = isClosed ? end : text.indexOf('\n', end);
  const at = lineEnd < 0 ? text.length : lineEnd + (isClosed ? 0 : 1);
  const before = lineEnd < 0 ? `${text}\n` : text.slice(0, at);
  return `${before}${added.map((value) => `${lead}${inBlock(value)}\n`).join('')}${text.slice(at)}`;
}

function insertIntoFlow(
  text: string,
  start: number | undefined,
  last: Node | undefined,
  added: readonly string[],
): string | undefined {
  const values = added.map((value) => JSON.stringify(value)).join(', ');
  const end = last?.range?.[1];
  if (end !== undefined) return `${text.slice(0, end)}, ${values}${text.slice(end)}`;
  return start === undefined || text[start] !== '['
    ? undefined
    : `${text.slice(0, start + 1)}${values}${text.slice(start + 1)}`;
}

function isTopLevel({ contents }: Document): boolean {
  if (contents === null) return true;
  return isMap(contents) && contents.flow !== true && contents.items.every(({ key }) => isScalar(key));
}

/** As an item of a list of lines. */
function inBlock(value: string): string {
  return /[\n\r]/.test(value) ? JSON.stringify(value) : stringify(value, { lineWidth: 0 }).trimEnd();
}
