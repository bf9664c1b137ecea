import type { Json } from '#contract/canonical-json';

const placeholder = /\{([A-Za-z_][\w-]*(?:\.[\w-]+)*)\}/g;
/** What was meant as a placeholder and is none: other braces are text. */
const almost = /\{\s+([A-Za-z_][\w.-]*)\s*\}|\{([A-Za-z_][\w.-]*)\s+\}/;

/** The paths of all placeholders in the texts of a piece of JSON. */
export function templatePaths(template: Json): string[] {
  return textsIn(template).flatMap((text) => [...text.matchAll(placeholder)].map(([, path = '']) => path));
}

/** A placeholder with blanks in it, which would stay as it is written. */
export function brokenPlaceholder(template: Json): string | undefined {
  return textsIn(template)
    .map((text) => almost.exec(text)?.[0])
    .find((found) => found !== undefined);
}

export function rootOf(path: string): string {
  return path.split('.')[0] ?? path;
}

function textsIn(value: Json): string[] {
  if (typeof value === 'string') return [value];
  if (value === null || typeof value !== 'object') return [];
  return Object.values(value).flatMap(textsIn);
}
