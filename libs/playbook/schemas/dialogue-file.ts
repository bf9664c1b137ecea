import { z } from 'zod';
import { args, decisionKind } from '#contract/approval';
import { userId } from '#contract/matrix-ids';
import { riskNames } from './analysis-file.ts';
import { commandName, digressionName } from './labelled-file.ts';
import { text } from './text.ts';

const texts = z
  .array(text(1_000))
  .max(50)
  .describe('a list of parts of the text, or of /regular expressions/');
const names = z.array(text(64)).max(50).describe('a list of names');

const expectations = z
  .strictObject({
    says: texts.optional(),
    never: texts.optional(),
    silent: z.boolean().optional().describe('true: nothing is said'),
    awaiting: z
      .strictObject({ flow: text(64), slot: text(64) })
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
    command: commandName,
    flow: text(64).nullable().optional().describe('the id of a flow'),
    slots: z.record(text(64), z.string()).optional().describe('a mapping of slots to what was written'),
    slot: text(64).optional().describe('the name of a slot'),
    value: z.string().nullable().optional().describe('what was written, or null'),
    digression: digressionName.optional(),
    topics: names.optional().describe('a list of ids of agents, or unknown'),
    options: names.optional().describe('a list of ids of flows and agents'),
    tone: z.enum(['greeting', 'thanks', 'other']).optional().describe('greeting, thanks or other'),
  })
  .describe('a mapping with command, and flow, slots, slot, value, digression, topics, options or tone');
export type UnderstoodCommand = z.output<typeof command>;

const analysis = z
  .strictObject({
    topics: names.optional().describe('a list of ids of agents, or unknown'),
    urgency: z.enum(['low', 'normal', 'high', 'critical']).optional().describe('low, normal, high, critical'),
    tone: z
      .enum(['positive', 'neutral', 'frustrated', 'angry'])
      .optional()
      .describe('positive, neutral, frustrated, angry'),
    risk: z.enum(riskNames).optional().describe(riskNames.join(', ')),
    confidence: z.number().min(0).max(1).optional().describe('a number from 0 to 1'),
    entities: names.optional().describe('a list of what is at stake'),
  })
  .describe('topics, urgency, tone, risk, confidence and entities');

const call = z
  .strictObject({ name: text(64), arguments: args.default({}) })
  .describe('a mapping with name and arguments');

const turn = z
  .strictObject({
    user: text(100_000).optional().describe('what the person writes'),
    as: userId.optional().describe('who writes, where it is not the user of the dialogue'),
    understood: z.array(command).min(1).max(20).optional().describe('a list of commands'),
    analysis: analysis.optional(),
    calls: z.array(call).max(20).optional().describe('a list of the calls that a scripted model asks for'),
    writes: z.string().optional().describe('what a scripted model writes, where its own words matter'),
    approval: text(64).optional().describe('the tool of an action that waits for a reviewer'),
    decide: decisionKind.optional().describe('approve, reject, edit or respond'),
    text: z.string().optional().describe('the reason, the answer, or the edited text'),
    args: args.optional().describe('the edited arguments'),
    by: userId.optional().describe('a Matrix user id such as "@rita:example.org"'),
    person: text(100_000).optional().describe('what a person writes who has taken over'),
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
    if (written.approval !== undefined && written.decide === undefined)
      complain('does not say how it is decided', 'Add decide: approve, reject, edit or respond');
    if (written.decide === 'edit' && written.args === undefined && written.text === undefined)
      complain('does not say what is edited', 'Add args: with the new arguments, or text: for a reply');
  })
  .describe('a mapping with user, approval, pass or person, and expect');
export type DialogueTurn = z.output<typeof turn>;

/** `dialogues/<name>.dialogue.yaml`: a conversation test. */
export const dialogueFile = z
  .strictObject({
    name: text(200).describe('what the dialogue shows'),
    user: userId.default('@ann:example.org').describe('a Matrix user id such as "@ann:example.org"'),
    turns: z.array(turn).min(1, 'is empty').max(200).describe('a list of turns'),
  })
  .describe('name, user and turns');
