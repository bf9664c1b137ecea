import { z } from 'zod';
import { args, decisionKind } from '#contract/approval';
import { userId } from '#contract/matrix-ids';
import { riskNames } from './analysis-file.ts';
import { duration } from './duration.ts';
import { commandName, digressionName } from './labelled-file.ts';
import { id, toolName } from './names.ts';
import { text } from './text.ts';

const texts = z.array(text(1_000)).max(50);

const understood = z
  .strictObject({
    command: commandName,
    flow: id.optional().describe('the id of a flow'),
    slots: z.record(id, z.string()).optional().describe('a mapping of slots to what was written'),
    slot: id.optional().describe('the name of a slot'),
    value: z.string().nullable().optional().describe('what was written, or null'),
    digression: digressionName.optional(),
    text: text(10_000).optional().describe('the question in words'),
    topics: z.array(id).max(20).optional().describe('a list of ids of agents, or unknown'),
    options: z.array(id).max(20).optional().describe('a list of ids of flows and agents'),
    tone: z.enum(['greeting', 'thanks', 'other']).optional().describe('greeting, thanks or other'),
  })
  .describe('a command: command, and what belongs to it');

const analysis = z
  .strictObject({
    topics: z.array(id).max(20).optional().describe('a list of ids of agents, or unknown'),
    urgency: z.enum(['low', 'normal', 'high', 'critical']).optional().describe('low, normal, high, critical'),
    tone: z
      .enum(['positive', 'neutral', 'frustrated', 'angry'])
      .optional()
      .describe('positive, neutral, frustrated, angry'),
    risk: z.enum(riskNames).optional().describe(riskNames.join(', ')),
    confidence: z.number().min(0).max(1).optional().describe('a number from 0 to 1'),
    entities: z.array(text(500)).max(50).optional().describe('a list of what is at stake'),
  })
  .describe('topics, urgency, tone, risk, confidence and entities');

const expected = z
  .strictObject({
    says: texts.optional().describe('a list of texts that the bot says; /…/ is a regular expression'),
    never: texts.optional().describe('a list of texts that the bot does not say'),
    awaiting: z
      .strictObject({ flow: id.describe('the id of a flow'), slot: id.describe('a slot or confirm step') })
      .nullable()
      .optional()
      .describe('what the bot asks now: { flow, slot }, or null for nothing'),
    ran: z.array(toolName).max(50).optional().describe('a list of tools that ran in this turn'),
    waits: z.array(toolName).max(50).optional().describe('a list of tools that wait for a reviewer'),
    stack: z.array(id).max(50).optional().describe('a list of the flows on the stack, the active one last'),
    paused: z.array(id).max(50).optional().describe('a list of paused flows'),
    notices: texts.optional().describe('a list of texts that the admin room is told'),
    silent: z.boolean().optional().describe('true: the bot says nothing'),
  })
  .describe('says, never, awaiting, ran, waits, stack, paused, notices and silent');

const turn = z
  .union([
    z.strictObject({
      user: text(100_000).describe('what the person writes'),
      understood: z.array(understood).max(20).optional().describe('a list of commands, for a scripted model'),
      analysis: analysis.optional(),
      expect: expected.optional(),
    }),
    z.strictObject({
      approval: toolName.describe('the tool that waits for a reviewer'),
      decide: decisionKind.describe('approve, reject, edit or respond'),
      text: text(10_000).optional().describe('a reason, or an answer'),
      args: args.optional().describe('the arguments of an edit'),
      by: userId.optional().describe('a user id such as "@rita:example.org"'),
      expect: expected.optional(),
    }),
    z.strictObject({ pass: duration, expect: expected.optional() }),
  ])
  .describe('a turn with one of user, approval, pass');
export type DialogueTurn = z.output<typeof turn>;

/** `dialogues/<name>.dialogue.yaml`: a conversation test. */
export const dialogueFile = z
  .strictObject({
    name: text(200).describe('what the dialogue shows'),
    user: userId.optional().describe('a user id such as "@ann:example.org"'),
    turns: z.array(turn).min(1, 'is empty').max(200).describe('a list of turns'),
  })
  .describe('name, user and turns');
