import { restorable } from './placeholder.ts';

/** The placeholders in a text that stand for values, each once. Also where Markdown escapes their brackets. */
export function placeholdersIn(text: string): string[] {
  if (!text.includes('[')) return [];
  const plain = text.replaceAll(/\\([[\]_-])/g, '$1');
  return [...new Set(Array.from(plain.matchAll(restorable), ([placeholder]) => placeholder))];
}

/** The text with values in place of placeholders, in one pass: no value is looked into. What is unknown stays. */
export function restore(text: string, lookup: (placeholder: string) => string | undefined): string {
  return text.replaceAll(restorable, (placeholder) => lookup(placeholder) ?? placeholder);
}
