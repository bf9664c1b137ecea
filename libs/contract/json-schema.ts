import { z } from 'zod';
import { bodies, streamTypes } from './bodies.ts';
import { contractVersion, envelope } from './entry.ts';

/** The whole wire contract as one JSON Schema document; `streams.schema.json` is its printed form. */
export function jsonSchema(): object {
  const convert = (schema: z.ZodType): object =>
    z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: `vagent streams, contract version ${contractVersion}`,
    description: 'Entries are flat; "body" holds JSON of the shape that "bodies" gives for the type.',
    envelope: convert(envelope),
    streams: streamTypes,
    bodies: Object.fromEntries(Object.entries(bodies).map(([type, schema]) => [type, convert(schema)])),
  };
}
