import { z } from 'zod';
import type { Playbook } from './playbook.ts';

/** A playbook for people who look at what runs: names and policies, none of its texts. */
export interface PlaybookOutline {
  readonly version: string;
  readonly name: string;
  readonly agents: readonly {
    readonly id: string;
    readonly description: string;
    readonly tools: readonly string[];
    readonly review: string;
    readonly flag: string | null;
  }[];
  readonly flows: readonly { readonly id: string; readonly description: string; readonly steps: number }[];
  readonly tools: readonly {
    readonly name: string;
    readonly risk: string;
    readonly reviewers: readonly string[];
    readonly quorum: number;
  }[];
  readonly flags: readonly { readonly id: string; readonly state: string; readonly description: string }[];
  /** Messages to try it with. */
  readonly suggestions: readonly string[];
}

const flagsFile = z.object({
  flags: z.record(
    z.string(),
    z.object({
      state: z.string().default('ENABLED'),
      metadata: z.object({ description: z.string() }).partial().optional(),
    }),
  ),
});

export function outlinePlaybook(playbook: Playbook, suggestions: readonly string[] = []): PlaybookOutline {
  return {
    version: playbook.version,
    name: playbook.name,
    agents: [...playbook.agents.values()].map(({ id, description, tools, review, flag }) => ({
      id,
      description,
      tools,
      review,
      flag: flag ?? null,
    })),
    flows: [...playbook.flows].map(([id, { description, steps }]) => ({
      id,
      description,
      steps: steps.length,
    })),
    tools: [...playbook.toolPolicies].map(([name, { risk, policy }]) => ({
      name,
      risk,
      reviewers: policy.reviewers,
      quorum: policy.quorum,
    })),
    flags: flagsOf(playbook.flags),
    suggestions,
  };
}

function flagsOf(text: string): PlaybookOutline['flags'] {
  if (text.trim() === '') return [];
  const parsed = flagsFile.safeParse(JSON.parse(text));
  if (!parsed.success) return [];
  return Object.entries(parsed.data.flags).map(([id, { state, metadata }]) => ({
    id,
    state,
    description: metadata?.description ?? '',
  }));
}
