import { z } from 'zod';
import { keywords } from './lists.ts';
import { id, toolName } from './names.ts';
import { text } from './text.ts';

const sopStep = z
  .strictObject({
    id: id.describe('a name for the step'),
    does: text(500).describe('what is done, in a sentence'),
    tool: toolName.optional().describe('the name of the tool that does it'),
    with: z
      .record(text(64), z.json())
      .default({})
      .describe('arguments that are known beforehand; templates over earlier steps and {entities.…}'),
    verify: text(64).optional().describe('the name of a verifier that says when the step has passed'),
    after: z.array(id).max(50).default([]).describe('a list of steps that must have passed before'),
  })
  .describe('a step: id, does, tool, with, verify and after');

/** The YAML at the head of `sops/<id>.md`. */
export const sopFrontMatter = z
  .strictObject({
    title: text(200).describe('the title of the procedure'),
    topics: z.array(id).max(50).default([]).describe('a list of ids of agents'),
    keywords: keywords.default([]).describe('a list of words by which it is found'),
    steps: z.array(sopStep).max(100).default([]).describe('a list of steps that code holds to'),
  })
  .describe('title, topics, keywords and steps');
export type SopFrontMatter = z.output<typeof sopFrontMatter>;
