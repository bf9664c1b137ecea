/**
 * What understands and writes while dialogues are played: no model, a model that the dialogue itself scripts, or the one
 * that the environment names.
 */
export const dialogueProviders = ['offline', 'scripted', 'openai'] as const;
export type DialogueProvider = (typeof dialogueProviders)[number];
