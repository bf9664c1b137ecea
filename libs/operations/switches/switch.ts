import { z } from 'zod';

/** What can be switched off: everything, a room, an agent or a tool. */
export const switchScope = z.enum(['all', 'room', 'agent', 'tool']);
export type SwitchScope = z.infer<typeof switchScope>;

/** Something that an operator has switched off; what is not switched off has no such record. */
export const switchedOff = z.object({
  scope: switchScope,
  /** A room id, the name of an agent or tool; `*` for everything. */
  name: z.string().min(1).max(255),
  /** `cli:<name>`, or the user id of an operator. */
  by: z.string(),
  /** Why, for the others. */
  because: z.string().max(500),
  /** ISO 8601. */
  at: z.string(),
});
export type SwitchedOff = z.infer<typeof switchedOff>;

/** What is off at this moment, known within a second of being switched, without asking Redis. */
export interface Switches {
  /** Why it is off; undefined where it is on. `all` switches every room off. */
  off(scope: SwitchScope, name: string): SwitchedOff | undefined;
  list(): readonly SwitchedOff[];
}

/** Where nobody can switch anything: tests, benchmarks, the playbook's own tests. */
export const nothingSwitchedOff: Switches = { off: () => undefined, list: () => [] };
