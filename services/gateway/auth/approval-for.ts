import type { Approval } from '#contract/approval';
import { mayActAs } from '../api/role.ts';
import type { Caller } from '../caller.ts';

/** An approval as a caller may see it: who has asked sees that it waits and what for, not who decides and on what grounds. */
export function approvalFor(caller: Caller, record: Approval): Approval {
  if (mayActAs(caller.role, 'viewer')) return record;
  const policy = { ...record.policy, reviewers: [], escalateTo: null };
  return { ...record, context: '', decided: [], policy };
}
