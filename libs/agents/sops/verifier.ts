import type { z } from 'zod';
import type { Json } from '#contract/canonical-json';

/** What a verifier judges by: facts of tools and of code, never what a model says. */
export interface Evidence {
  /** What the step's own tool gave; of a step without one, what the last step before it gave. */
  readonly data: Json;
  /** What the tool was called with. */
  readonly args: Readonly<Record<string, Json>>;
  /** What the steps before gave, by their ids. */
  readonly results: Readonly<Record<string, Json>>;
  /** Values that the person named, by the validator that read them. */
  readonly entities: Readonly<Record<string, readonly Json[]>>;
  /** Matrix user id of the person who asks, where it is known. */
  readonly requester: string | undefined;
}

export type Verdict =
  /** `note`: what a reviewer should know all the same. */
  | { readonly hasPassed: true; readonly note?: string }
  /** `why` is told to the person: one sentence. */
  | { readonly hasPassed: false; readonly why: string };

/** Says whether a step of a procedure has passed. Registered in code, named by SOPs. */
export interface Verifier {
  /** What an SOP writes as a step's `verify`. */
  readonly name: string;
  readonly description: string;
  verify(evidence: Evidence): Verdict;
}

/** A verifier over a tool's data of one shape: data of any other shape has not passed. */
export function verifierOf<Schema extends z.ZodType>(
  about: Pick<Verifier, 'name' | 'description'>,
  schema: Schema,
  judge: (data: z.output<Schema>, evidence: Evidence) => Verdict,
): Verifier {
  return {
    ...about,
    verify: (evidence) => {
      const read = schema.safeParse(evidence.data);
      if (read.success) return judge(read.data, evidence);
      return { hasPassed: false, why: 'What I found there is not what this check needs.' };
    },
  };
}
