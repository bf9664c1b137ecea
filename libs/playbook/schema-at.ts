import { z } from 'zod';

/** The schema at a path inside another one, seen through optional, default and pipe; undefined off the map. */
export function schemaAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): z.core.$ZodType | undefined {
  const [key, ...rest] = path;
  if (key === undefined) return schema;
  const inner = unwrap(schema);
  if (inner instanceof z.ZodObject) {
    const child: z.core.$ZodType | undefined = Object.hasOwn(inner.shape, String(key))
      ? inner.shape[String(key)]
      : undefined;
    return child === undefined ? undefined : schemaAt(child, rest);
  }
  if (inner instanceof z.ZodRecord) return schemaAt(inner.valueType, rest);
  if (inner instanceof z.ZodArray) return schemaAt(inner.element, rest);
  return undefined;
}

/** The schema inside optional, nullable, default and pipe. */
export function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  const inner = inside(schema);
  return inner === undefined ? schema : unwrap(inner);
}

/** What a schema is described as, or what is inside of it. */
export function descriptionOf(schema: z.core.$ZodType): string | undefined {
  const description = schema instanceof z.ZodType ? schema.description : undefined;
  const inner = inside(schema);
  return description ?? (inner === undefined ? undefined : descriptionOf(inner));
}

function inside(schema: z.core.$ZodType): z.core.$ZodType | undefined {
  if (schema instanceof z.core.$ZodPipe) return schema._zod.def.in;
  const isWrapper =
    schema instanceof z.core.$ZodOptional ||
    schema instanceof z.core.$ZodNullable ||
    schema instanceof z.core.$ZodDefault ||
    schema instanceof z.core.$ZodPrefault;
  return isWrapper ? schema._zod.def.innerType : undefined;
}
