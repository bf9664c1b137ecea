import { z } from 'zod';
import { labelledMessage } from './labelled-file.ts';
import { text } from './text.ts';

const example = labelledMessage
  .extend({ text: text(2_000).describe('a message as a person writes it') })
  .describe('text, awaiting, paused and expect, as in labelled.yaml');

/** `understanding/prompt.yaml`: every message that a model understands is sent to it below all of this, so it is bounded. */
export const promptFile = z
  .strictObject({
    instructions: text(4_000).optional().describe('what a model has to mind when it understands a message'),
    examples: z
      .array(example)
      .max(64, 'is longer than 64 messages')
      .default([])
      .describe('a list of { text, expect }: messages that a model is shown with what they mean'),
  })
  .describe('instructions and examples');
