import type { Json } from '#contract/canonical-json';
import type { Template } from '#playbook/flow-spec';
import { readPath, type Scope } from './read-path.ts';
import { toMarkdownText } from './to-markdown-text.ts';

const placeholder = /\{([A-Za-z_][\w-]*(?:\.[\w-]+)*)\}/g;

/** The text for a person, in Markdown: values cannot make markup of their own, what is missing leaves nothing. */
export function fillText(template: Template, scope: Scope): string {
  return template.replaceAll(placeholder, (_, path: string) => toMarkdownText(shown(readPath(scope, path))));
}

/** The text for a program: values as they are. */
export function fillPlain(template: Template, scope: Scope): string {
  return template.replaceAll(placeholder, (_, path: string) => shown(readPath(scope, path)));
}

/**
 * JSON with every text in it filled. A text that is one placeholder alone becomes the value itself, with its type; where
 * that is missing, a member of an object is left out, and an item of a list is null.
 */
export function fillJson(template: Json, scope: Scope): Json | undefined {
  if (typeof template === 'string') {
    const alone = /^\{([^{}]+)\}$/.exec(template.trim());
    const isPlaceholder = alone?.[1] !== undefined && template.trim().replace(placeholder, '') === '';
    return isPlaceholder ? readPath(scope, alone[1] ?? '') : fillPlain(template, scope);
  }
  if (Array.isArray(template)) return template.map((item) => fillJson(item, scope) ?? null);
  if (typeof template === 'object' && template !== null) return fillObject(template, scope);
  return template;
}

/** As `fillJson`, for an object. */
export function fillObject(template: Readonly<Record<string, Json>>, scope: Scope): Record<string, Json> {
  const filled = Object.entries(template).map(([name, value]) => [name, fillJson(value, scope)] as const);
  return Object.fromEntries(
    filled.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  );
}

/** The first names of all paths that the texts in a piece of JSON have placeholders for. */
export function namesIn(template: Json): string[] {
  if (typeof template === 'string') {
    return [...template.matchAll(placeholder)].map(([, path = '']) => path.split('.')[0] ?? '');
  }
  if (typeof template !== 'object' || template === null) return [];
  return Object.values(template).flatMap(namesIn);
}

function shown(value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object' || item === null)) {
    return value.map(shown).join(', ');
  }
  return JSON.stringify(value);
}
