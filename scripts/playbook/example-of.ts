import { z } from 'zod';

const schema = z.object({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  enum: z.array(z.json()).optional(),
  const: z.json().optional(),
  anyOf: z.array(z.unknown()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
});

/** The least value that fits a JSON Schema; `text` stands where words are asked for. */
export function exampleOf(given: unknown, text: string): z.core.util.JSONType {
  const read = schema.safeParse(given);
  if (!read.success) return null;
  const { type, enum: options, const: fixed, anyOf, properties = {}, required = [] } = read.data;
  if (fixed !== undefined) return fixed;
  if (options?.[0] !== undefined) return options[0];
  if (anyOf?.[0] !== undefined) return exampleOf(anyOf[0], text);
  switch (Array.isArray(type) ? type[0] : type) {
    case 'object':
      return Object.fromEntries(required.map((name) => [name, exampleOf(properties[name], text)]));
    case 'array':
      return [];
    case 'number':
    case 'integer':
      return 0;
    case 'boolean':
      return false;
    case 'string':
      return text;
    default:
      return null;
  }
}
