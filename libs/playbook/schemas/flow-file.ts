import { z } from 'zod';
import { messages } from './lists.ts';
import { id, variable } from './names.ts';
import { step } from './step.ts';
import { text } from './text.ts';

const slot = z
  .strictObject({
    type: id.describe('the name of a validator, e.g. text, number, boolean, money'),
    description: text(500).describe('what the value is, for people and for a model'),
    ask: text(1_000).describe('the question, a template'),
    why: text(1_000).optional().describe('why it is asked: the answer to "why do you need that?"'),
    examples: messages.default([]).describe('a list of messages that fill it; {slot} stands for the value'),
  })
  .describe('a slot: type, description, ask, why and examples');

/** `flows/<id>.yaml` */
export const flowFile = z
  .strictObject({
    description: text(500).describe('what the flow does, in a sentence'),
    offered: z.boolean().default(true).describe('false: only links and the worker start it'),
    examples: messages.default([]).describe('a list of messages that start it; {slot} stands for a value'),
    slots: z.record(variable, slot).default({}).describe('a mapping of slots: what the flow asks for'),
    steps: z.array(step).min(1, 'is empty').max(200).describe('a list of steps, in order'),
  })
  .describe('a flow: description, offered, examples, slots and steps');
export type FlowFile = z.output<typeof flowFile>;
