import type { Json } from '#contract/canonical-json';

/** What the templates of an SOP can name. */
export interface TemplateScope {
  /** What steps that have passed gave, by their ids: `{look_up.amount}`. */
  readonly results: Readonly<Record<string, Json>>;
  /** What the person named: `{entities.invoice_id}`, or `{invoice_id}` for short. */
  readonly entities: Readonly<Record<string, readonly Json[]>>;
  /** What the person wrote: `{request}`. */
  readonly request: string;
}

export type Filled =
  | { readonly ok: true; readonly value: Json }
  /** `names`: what is not known, or not in one meaning only. */
  | { readonly ok: false; readonly names: readonly string[] };

const placeholder = /\{([a-z][\w-]*(?:\.[\w-]+){0,8})\}/gi;
const longestRequest = 500;

/**
 * Fills the templates in a value, however deep. A text that is nothing but one placeholder becomes the value itself,
 * with its type; a placeholder inside of a text is written out.
 */
export function fillTemplate(template: Json, scope: TemplateScope): Filled {
  if (typeof template === 'string') return fillText(template, scope);
  if (template === null || typeof template !== 'object') return { ok: true, value: template };
  const parts = Object.entries(template).map(([key, value]) => [key, fillTemplate(value, scope)] as const);
  const names = parts.flatMap(([, part]) => (part.ok ? [] : part.names));
  if (names.length > 0) return { ok: false, names };
  const values = parts.flatMap(([key, part]) => (part.ok ? [[key, part.value] as const] : []));
  return {
    ok: true,
    value: Array.isArray(template) ? values.map(([, value]) => value) : Object.fromEntries(values),
  };
}

function fillText(text: string, scope: TemplateScope): Filled {
  const names: string[] = [];
  let whole: Json | undefined;
  const written = text.replaceAll(placeholder, (match, path: string) => {
    const value = lookUp(path.split('.'), scope);
    if (value === undefined) names.push(path);
    else if (match === text) whole = value;
    return typeof value === 'string' ? value : JSON.stringify(value ?? null);
  });
  if (names.length > 0) return { ok: false, names };
  return { ok: true, value: whole ?? written };
}

function lookUp([first = '', ...rest]: readonly string[], scope: TemplateScope): Json | undefined {
  if (first === 'request' && rest.length === 0) return scope.request.slice(0, longestRequest).toWellFormed();
  if (first === 'entities') return entity(rest[0] ?? '', scope);
  if (Object.hasOwn(scope.results, first)) return at(scope.results[first], rest);
  return rest.length === 0 ? entity(first, scope) : undefined;
}

/** One that the person named twice differently is not known. */
function entity(name: string, { entities }: TemplateScope): Json | undefined {
  const values = Object.hasOwn(entities, name) ? (entities[name] ?? []) : [];
  return values.length === 1 ? values[0] : undefined;
}

function at(value: Json | undefined, path: readonly string[]): Json | undefined {
  const [key, ...rest] = path;
  if (key === undefined) return value ?? undefined;
  if (value === undefined || value === null || typeof value !== 'object') return undefined;
  // A list is read by its positions, an object by its own members.
  const members: Readonly<Record<string, Json>> = Array.isArray(value)
    ? Object.fromEntries(value.entries())
    : value;
  return Object.hasOwn(members, key) ? at(members[key], rest) : undefined;
}
