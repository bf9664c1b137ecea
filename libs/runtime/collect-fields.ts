import { z } from 'zod';
import { type SettingNote, settingNotes } from './setting-notes.ts';

export interface Field {
  /** Name of the environment variable. */
  readonly name: string;
  /** Keys of the groups that the field lies in, outermost first. */
  readonly path: readonly string[];
  readonly note: SettingNote | undefined;
}

/** Finds the environment variables that a configuration schema reads, in its order, groups included. */
export function collectFields(schema: z.ZodObject, path: readonly string[] = []): Field[] {
  return Object.entries(schema.shape).flatMap(([name, child]): Field[] => {
    const layers = unwrap(child);
    const group = layers.find((layer) => layer instanceof z.ZodObject);
    if (group !== undefined) return collectFields(group, [...path, name]);
    const note = layers.map((layer) => settingNotes.get(layer)).find((found) => found !== undefined);
    return [{ name, path, note }];
  });
}

/** The schema itself, then what it wraps (optional, default, the entry of a pipe), down to the innermost. */
function unwrap(schema: z.core.$ZodType): z.core.$ZodType[] {
  if (schema instanceof z.core.$ZodPipe) return [schema, ...unwrap(schema._zod.def.in)];
  const isWrapper =
    schema instanceof z.core.$ZodOptional ||
    schema instanceof z.core.$ZodNullable ||
    schema instanceof z.core.$ZodDefault ||
    schema instanceof z.core.$ZodPrefault ||
    schema instanceof z.core.$ZodReadonly;
  return isWrapper ? [schema, ...unwrap(schema._zod.def.innerType)] : [schema];
}
