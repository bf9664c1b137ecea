import { approvalsMutants } from './approvals-mutants.ts';
import type { Mutant } from './mutant.ts';
import { roomsMutants } from './rooms-mutants.ts';
import { streamsMutants } from './streams-mutants.ts';

/** What `npm run test:mutants` tries, in this order. */
export const allMutants: readonly Mutant[] = [...streamsMutants, ...roomsMutants, ...approvalsMutants];
