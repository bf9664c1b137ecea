import { z } from 'zod';
import type { TalkExamples } from '../playbook.ts';
import { messages } from './lists.ts';

const list = (what: string) => messages.default([]).describe(`a list of messages that ${what}`);

/** `understanding/talk.yaml`: messages about the conversation itself. */
export const talkFile = z
  .strictObject({
    affirm: list('say yes'),
    deny: list('say no'),
    cancel: list('end what is going on'),
    resume: list('go back to what was left'),
    why: list('ask why something is asked'),
    help: list('ask what can be done here'),
    status: list('ask how a request stands'),
    hand_off: list('want a person'),
    greeting: list('greet'),
    thanks: list('thank'),
    chat: list('are small talk'),
    correct: list('take something back; {slot} stands for any value'),
    unknown: list('are for nobody here'),
    vague: list('are too vague to act upon'),
  } satisfies Record<keyof TalkExamples, z.ZodType>)
  .describe('lists of messages: affirm, deny, cancel, resume, why, help, status, hand_off and more');
