import { z } from 'zod';

const named = (pattern: RegExp, what: string) =>
  z.string().regex(pattern, `is no ${what}`).max(64, 'is longer than 64 characters');

/** What names a file of an agent, flow or SOP. */
export const idPattern = /^[a-z][a-z0-9_-]*$/;

export const id = named(idPattern, 'id: write small letters, digits, _ and -, a letter first');
/** Slots, and what the results of steps are saved under: the roots of templates. */
export const variable = named(/^[a-z][a-z0-9_]*$/, 'name: write small letters, digits and _, a letter first');
/** What models, too, can call a tool. */
export const toolName = named(/^[A-Za-z][A-Za-z0-9_-]*$/, 'name of a tool: write letters, digits, _ and -');
export const environmentVariable = named(/^[A-Za-z_][A-Za-z0-9_]*$/, 'name of an environment variable');
