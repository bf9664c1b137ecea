import { z } from 'zod';
import { text } from './text.ts';

/** `playbook.yaml` */
export const playbookFile = z
  .strictObject({
    name: text(80).describe('the name of this bot, e.g. name: Forgebase support desk'),
    persona: text(4_000).describe('who the bot is and how it speaks, for a model'),
    greeting: text(2_000).describe('what the bot says to a greeting, in Markdown'),
    human: text(1_000).describe('how to reach a person where the bot cannot help, in Markdown'),
  })
  .describe('name, persona, greeting and human');
