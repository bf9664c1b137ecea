import { z } from 'zod';
import { commandKinds, digressions } from '../command.ts';
import { riskCategories } from './understanding.ts';

const id = z.string().trim().min(1, 'is empty').max(100);

/** A message with what is expected of it. Fields that are left out are not looked at. */
export const labelledItem = z
  .strictObject({
    text: z.string().max(100_000).describe('the message'),
    awaiting: z
      .strictObject({ flow: id, slot: id })
      .optional()
      .describe(
        'a mapping with flow and slot: what was asked last; the slot of a confirmation is the id of its step',
      ),
    paused: z
      .array(id)
      .max(20)
      .optional()
      .describe('a list of flows that are paused, the one paused last first'),
    expect: z
      .strictObject({
        command: z.enum(commandKinds).describe(`one of ${commandKinds.join(', ')}`),
        flow: id.nullable().optional().describe('the id of a flow'),
        slot: id.optional().describe('the name of a slot'),
        value: z
          .union([z.string(), z.number(), z.boolean(), z.null()])
          .optional()
          .describe('the value as the person wrote it'),
        digression: z
          .enum(digressions)
          .optional()
          .describe(`one of ${digressions.join(', ')}`),
        topic: id.optional().describe('the id of an agent, or unknown'),
        topics: z.array(id).max(20).optional().describe('a list of ids of agents, or [unknown]'),
        risk: z
          .enum(riskCategories)
          .optional()
          .describe(`one of ${riskCategories.join(', ')}`),
      })
      .describe('a mapping with command and more'),
  })
  .describe('a mapping with text and expect, and perhaps awaiting and paused');
export type LabelledItem = z.output<typeof labelledItem>;

/** A file of labelled messages. */
export const labelledFile = z
  .array(labelledItem)
  .min(1, 'is empty')
  .max(10_000)
  .describe('a list of messages: - { text: …, expect: { command: … } }');
