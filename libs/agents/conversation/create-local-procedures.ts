import type { KeptProcedure, Procedures } from './procedures.ts';

/** Procedures that are gone with the process: for tests of a playbook. */
export function createLocalProcedures(): Procedures {
  const kept = new Map<string, KeptProcedure>();
  return {
    keep: async (procedure) => void kept.set(procedure.id, procedure),
    list: async () => [...kept.values()],
  };
}
