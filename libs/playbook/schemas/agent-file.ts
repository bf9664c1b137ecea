import { z } from 'zod';
import { keywords, messages } from './lists.ts';
import { id, toolName } from './names.ts';
import { text } from './text.ts';

/** `agents/<id>.yaml` */
export const agentFile = z
  .strictObject({
    description: text(500).describe('what it is for, in a sentence'),
    examples: messages.default([]).describe('a list of messages that are for it'),
    keywords: keywords.default([]).describe('a list of words that point to it'),
    tools: z
      .array(toolName)
      .max(200)
      .default([])
      .describe('a list of the tools that it may use, and no others'),
    sops: z
      .array(id)
      .max(200)
      .default([])
      .describe('a list of ids of SOPs that it may follow; left out, those with its topic'),
    model: text(200).optional().describe('the name of another model than MODEL_NAME'),
    review: z
      .enum(['never', 'sensitive', 'always'])
      .default('sensitive')
      .describe('never, sensitive or always: which of its drafts a person reads before they go out'),
    flag: text(100).optional().describe('the name of a flag in flags.json that must be on for it to answer'),
  })
  .describe('an agent: description, examples, keywords, tools, sops, model, review and flag');
export type AgentFile = z.output<typeof agentFile>;
