import { z } from 'zod';

/** One thing that a turn did. */
export const turnStep = z.object({
  kind: z.enum(['understand', 'flow', 'tool', 'agent', 'model', 'security', 'review', 'aside', 'switch']),
  /** Of what: the tool, agent, flow, model. */
  name: z.string(),
  /** How it ended, in a word: `done`, `proposed`, `refused`, `failed`, `drafted`, `needs_person` … */
  status: z.string(),
  /** From the beginning of the turn, in milliseconds. */
  startMs: z.number().nonnegative(),
  tookMs: z.number().nonnegative(),
  /** One line for people. */
  detail: z.string().optional(),
});
export type TurnStep = z.infer<typeof turnStep>;

/**
 * The account of one turn: how the reply came about. Written in the turn's own commit, so that it tells what happened
 * and never what was tried. Kept in a list for each session, sealed under PAYLOAD_KEY.
 */
export const turnRecord = z.object({
  /** The id of the inbound fact. */
  turn: z.string(),
  session: z.string(),
  partition: z.int(),
  /** The approval that was decided, that expired, or under whose prompt a person wrote. */
  about: z.string().optional(),
  /** The type of the inbound entry, and its id in the stream. */
  cause: z.string(),
  entry: z.string(),
  /** When the entry was appended, and when the attempt that was committed began. ISO 8601. */
  appendedAt: z.string(),
  startedAt: z.string(),
  tookMs: z.number(),
  /** From 1. */
  attempt: z.int(),
  worker: z.string(),
  epoch: z.int(),
  outcome: z.string(),
  trace: z.string().nullable(),
  playbook: z.string(),
  graph: z.int(),
  understood: z
    .object({
      /** `examples`, or the name of the model. */
      by: z.string(),
      /** Each command in a line, e.g. `start_flow refund (invoice_id)`: names of slots, not their values. */
      commands: z.array(z.string()),
      topics: z.array(z.string()),
      urgency: z.string(),
      tone: z.string(),
      risk: z.string(),
      confidence: z.number(),
    })
    .nullable(),
  /** The agents that worked on it. */
  route: z.array(z.string()),
  /** In whose name the reply was spoken, where one of them answered. */
  speaker: z.string().optional(),
  /** Where the flows stood afterwards. */
  state: z.object({
    flow: z.string().nullable(),
    step: z.string().nullable(),
    awaiting: z.string().nullable(),
    paused: z.array(z.string()),
  }),
  steps: z.array(turnStep),
  /** Asked for, and withdrawn: ids of approvals. */
  approvals: z.array(z.object({ id: z.string(), actions: z.array(z.string()) })),
  cancelled: z.array(z.string()),
  usage: z.array(
    z.object({ model: z.string(), inputTokens: z.int(), outputTokens: z.int(), cost: z.number() }),
  ),
  /** In the currency of the playbook's prices. */
  cost: z.number(),
  /** Ids of replies that it ended with. */
  replies: z.array(z.string()),
});
export type TurnRecord = z.infer<typeof turnRecord>;
