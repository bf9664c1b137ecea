import { z } from 'zod';
import { riskNames } from './analysis-file.ts';
import { id, variable } from './names.ts';
import { text } from './text.ts';

/** What a message can do: the kinds of commands. */
export const commandNames = [
  'start_flow',
  'set_slot',
  'correct_slot',
  'cancel',
  'resume',
  'digress',
  'clarify',
  'hand_off',
  'chat',
] as const;
export const commandName = z.enum(commandNames).describe(commandNames.join(', '));

/** What a message can ask in between. */
export const digressionNames = ['question', 'why', 'help', 'status'] as const;
export const digressionName = z.enum(digressionNames).describe(digressionNames.join(', '));

const expected = z
  .strictObject({
    command: commandName,
    flow: id.optional().describe('the id of a flow'),
    slot: variable.optional().describe('the name of a slot'),
    value: z.json().optional().describe('the value of the slot'),
    digression: digressionName.optional(),
    topic: id.optional().describe('the id of an agent, or unknown'),
    topics: z.array(id).max(20).optional().describe('a list of ids of agents, or unknown'),
    risk: z.enum(riskNames).optional().describe(riskNames.join(', ')),
  })
  .describe('command, and flow, slot, value, digression, topic, topics or risk');

export const labelledMessage = z
  .strictObject({
    text: text(100_000).describe('a message as a person writes it'),
    awaiting: z
      .strictObject({ flow: id.describe('the id of a flow'), slot: id.describe('a slot or confirm step') })
      .optional()
      .describe('what the bot has just asked: { flow, slot }'),
    paused: z.array(id).max(20).optional().describe('a list of flows that are paused, the last one first'),
    expect: expected,
  })
  .describe('text, awaiting, paused and expect');
/** A message with what it should be understood as. */
export type LabelledMessage = z.output<typeof labelledMessage>;

/** `understanding/labelled.yaml` */
export const labelledFile = z.array(labelledMessage).max(20_000).describe('a list of { text, expect }');
