import { z } from 'zod';
import { decisionKind } from '#contract/approval';
import { userId } from '#contract/matrix-ids';
import { commandKinds, digressions } from '#dialogue/command';
import { riskCategories, tones, urgencies } from '#dialogue/understanding/understanding';

/** A part of what is said, in any case of letters, or `/a regular expression/`. */
const textPattern = z.string().min(1).describe('a part of the text, or /a regular expression/');
const texts = z.array(textPattern).describe('a list of parts of the text, or of /regular expressions/');
const names = z.array(z.string()).describe('a list of names');

const expectations = z
  .strictObject({
    says: texts.optional(),
    never: texts.optional(),
    silent: z.boolean().optional().describe('true: nothing is said'),
    awaiting: z
      .strictObject({ flow: z.string(), slot: z.string() })
      .nullable()
      .optional()
      .describe('a mapping with flow and slot, or null'),
    ran: names.optional().describe('a list of tools that ran in this turn, among others'),
    neverRan: names.optional().describe('a list of tools that did not run in this turn'),
    waits: names.optional().describe('a list of the tools that wait for a reviewer after this turn'),
    stack: names.optional().describe('a list of the open flows, the active one last'),
    paused: names.optional().describe('a list of the paused flows'),
    notices: texts.optional(),
  })
  .describe('says, never, silent, awaiting, ran, neverRan, waits, stack, paused and notices');

export type Expectations = z.output<typeof expectations>;

const command = z
  .strictObject({
    command: z.enum(commandKinds),
    flow: z.string().nullable().optional(),
    slots: z.record(z.string(), z.string()).optional(),
    slot: z.string().optional(),
    value: z.string().nullable().optional(),
    digression: z.enum(digressions).optional(),
    topics: names.optional(),
    options: names.optional(),
    tone: z.enum(['greeting', 'thanks', 'other']).optional(),
  })
  .describe('a mapping with command, and flow, slots, slot, value, digression, topics, options or tone');

export type UnderstoodCommand = z.output<typeof command>;

const analysis = z
  .strictObject({
    topics: names.optional(),
    urgency: z.enum(urgencies).optional(),
    tone: z.enum(tones).optional(),
    risk: z.enum(riskCategories).optional(),
    confidence: z.number().min(0).max(1).optional(),
    entities: names.optional(),
  })
  .describe('topics, urgency, tone, risk, confidence and entities');

const call = z
  .strictObject({ name: z.string(), arguments: z.record(z.string(), z.json()).default({}) })
  .describe('a mapping with name and arguments');

const turn = z
  .strictObject({
    user: z.string().min(1).optional().describe('what the person writes'),
    as: userId.optional().describe('who writes, where it is not the user of the dialogue'),
    understood: z.array(command).min(1).optional(),
    analysis: analysis.optional(),
    calls: z.array(call).optional().describe('a list of the calls that a scripted model asks for'),
    writes: z.string().optional().describe('what a scripted model writes, where its own words matter'),
    approval: z.string().optional().describe('the tool of an action that waits for a reviewer'),
    decide: decisionKind.optional().describe('approve, reject, edit or respond'),
    text: z.string().optional().describe('the reason, the answer, or the edited text'),
    args: z.record(z.string(), z.json()).optional().describe('the edited arguments'),
    by: userId.optional().describe('a Matrix user id such as "@rita:example.org"'),
    person: z.string().min(1).optional().describe('what a person writes who has taken over'),
    pass: z
      .string()
      .regex(/^[1-9]\d{0,5} ?[smhd]$/, 'is not a duration')
      .optional()
      .describe('a duration such as 90s, 10m or 24h'),
    expect: expectations.default({}),
  })
  .superRefine((written, context) => {
    const kinds = (['user', 'approval', 'pass', 'person'] as const).filter(
      (kind) => written[kind] !== undefined,
    );
    const complain = (message: string, hint: string): void =>
      context.addIssue({ code: 'custom', message, params: { hint } });
    if (kinds.length !== 1)
      complain('is not one kind of turn', 'Write one of user, approval, pass or person');
    if (written.approval !== undefined && written.decide === undefined) {
      complain('does not say how it is decided', 'Add decide: approve, reject, edit or respond');
    }
    if (written.decide === 'edit' && written.args === undefined && written.text === undefined) {
      complain('does not say what is edited', 'Add args: with the new arguments, or text: for a reply');
    }
  })
  .describe('a mapping with user, approval, pass or person, and expect');

export type DialogueTurn = z.output<typeof turn>;

/** `dialogues/*.dialogue.yaml` */
export const dialogueFile = z
  .strictObject({
    name: z.string().trim().min(1).max(120).describe('what the dialogue shows'),
    user: userId.default('@ann:example.org').describe('a Matrix user id such as "@ann:example.org"'),
    turns: z.array(turn).min(1).max(200).describe('a list of turns'),
  })
  .describe('name, user and turns');

/** A conversation as it should go. */
export interface Dialogue {
  readonly name: string;
  /** As problems name it. */
  readonly file: string;
  readonly user: string;
  readonly turns: readonly DialogueTurn[];
  /** The line of a turn, or of one of its expectations, counted from 1. */
  readonly lineOf: (turn: number, expectation?: keyof Expectations) => number;
}
