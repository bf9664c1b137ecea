import { z } from 'zod';
import { commandKinds, digressions } from '#dialogue/command';
import { riskCategories, tones, urgencies } from './understanding.ts';

/** What a model writes in the wrong type counts as left out: the rest of the form is still of use. */
function lenient<Schema extends z.ZodType>(schema: Schema) {
  return schema.nullish().catch(undefined);
}

const written = z.union([z.string(), z.number(), z.boolean(), z.null()]);

const filledCommand = z.object({
  command: z.string().describe(`one of ${commandKinds.join(', ')}`),
  flow: lenient(z.string()).describe('for start_flow and resume: the id of a flow'),
  slots: lenient(z.record(z.string(), written)).describe(
    'for start_flow: what the message says of its slots, word by word',
  ),
  slot: lenient(z.string()).describe('for set_slot and correct_slot: the name of a slot of the active flow'),
  value: lenient(written).describe(
    'for set_slot and correct_slot: the value, word by word; null where only the old one is wrong',
  ),
  digression: lenient(z.string()).describe(`for digress: one of ${digressions.join(', ')}`),
  text: lenient(z.string()).describe('for digress: the question, complete in itself'),
  topics: lenient(z.array(z.string())).describe(
    'for digress: ids of agents, most important first, or unknown',
  ),
  options: lenient(z.array(z.string())).describe('for clarify: ids of flows and agents that may be meant'),
  tone: lenient(z.string()).describe('for chat: greeting, thanks or other'),
});
export type FilledCommand = z.output<typeof filledCommand>;

const filledAnalysis = z.object({
  topics: lenient(z.array(z.string())).describe('ids of agents, most important first, or unknown'),
  urgency: lenient(z.string()).describe(`one of ${urgencies.join(', ')}`),
  tone: lenient(z.string()).describe(`one of ${tones.join(', ')}`),
  risk: lenient(z.string()).describe(`one of ${riskCategories.join(', ')}`),
  confidence: lenient(z.number()).describe('how sure the risk is, from 0 to 1'),
  entities: lenient(z.array(z.string())).describe(
    'accounts, organisations and placeholders such as [API_KEY-…] that the message names',
  ),
});
export type FilledAnalysis = z.output<typeof filledAnalysis>;

/**
 * The form that a model fills in. Flat, because models fill in flat forms more reliably than unions, and with open words:
 * what is not of the playbook is sorted out afterwards, so that a wrong word costs a command and not the whole answer.
 */
export const understandForm = z.object({
  commands: z
    .array(filledCommand.catch({ command: 'unreadable' }))
    .describe('what the newest message does, in its order, 8 at most'),
  analysis: lenient(filledAnalysis),
  confidence: lenient(z.number()).describe('how sure the first command is, from 0 to 1'),
});
export type FilledForm = z.output<typeof understandForm>;
