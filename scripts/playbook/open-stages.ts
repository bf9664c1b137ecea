import { createHash } from 'node:crypto';
import pino from 'pino';
import { z } from 'zod';
import { createConversation } from '#agents/conversation/create-conversation';
import { createLocalProcedures } from '#agents/conversation/create-local-procedures';
import { createDesk, type OpenDesk } from '#agents/desk/create-desk';
import { createBreakers } from '#agents/tools/create-breakers';
import type { UnderstandInput } from '#dialogue/understanding/understanding';
import { createChatModels } from '#models/create-chat-models';
import { type ModelSettings, modelSettings } from '#models/model-settings';
import { loadPlaybook } from '#playbook/load-playbook';
import { createProtect } from '#privacy/create-protect';
import { type Environment, readConfig } from '#runtime/read-config';
import { type DialogueModel, startDialogueModel } from './dialogue-model.ts';
import type { DialogueProvider } from './dialogue-provider.ts';
import type { DialogueStage } from './dialogue-stage.ts';
import { observeDesk } from './observe-desk.ts';
import { createSurroundings } from './surroundings.ts';

export interface Stages extends AsyncDisposable {
  /** One on which nothing has happened yet; the one before is of no use any more. */
  open(): Promise<DialogueStage>;
}

/** Who decides where a policy names nobody. */
const reviewers = ['@rita:example.org', '@rob:example.org'];
/** Placeholders are the same in every run, so that dialogues can name them. */
const placeholderKey = createHash('sha256').update('dialogues').digest();
const beginsAt = Date.parse('2026-03-02T09:00:00.000Z');

/**
 * Opens what the dialogues of a playbook are played on: its desk, with everything outside of it in this process. `onInput`
 * is told each message that is to be understood, at its place in the conversation.
 *
 * @throws {PlaybookError} where the playbook cannot be used.
 * @throws {ConfigError} where the environment names no model and one is wanted.
 */
export async function openStages(
  dir: string,
  provider: DialogueProvider,
  env: Environment,
  onInput?: (input: UnderstandInput) => void,
): Promise<Stages> {
  const playbook = await loadPlaybook(dir, { reviewers });
  const stack = new AsyncDisposableStack();
  const stopping = new AbortController();
  stack.defer(() => stopping.abort());
  const scripted = provider === 'scripted' ? stack.use(await startDialogueModel()) : undefined;
  const settings = settingsOf(provider, scripted, env);
  const protect = createProtect({ policy: playbook.policies.privacy, key: placeholderKey });
  const around = createSurroundings(playbook.passages, beginsAt);
  const makeDesk = async (): Promise<OpenDesk> => {
    const made = await createDesk(playbook, {
      model: createChatModels(settings),
      modelName: settings.provider === 'offline' ? 'offline' : settings.model,
      tools: around.tools,
      breakers: createBreakers(),
      stores: around.stores,
      env,
      log: pino({ enabled: false }),
      signal: stopping.signal,
    });
    return stack.use(made);
  };
  let desk: OpenDesk | undefined;
  const open = async (): Promise<DialogueStage> => {
    around.renew();
    // Learning a playbook costs more than playing its dialogues. What a model has understood is remembered with its
    // place in the conversation, so that one dialogue gets from another only what it would be told itself.
    desk ??= await makeDesk();
    const observed = observeDesk(desk, onInput);
    const { tools } = desk;
    const desks = { current: () => observed.desk, find: async () => undefined };
    return {
      ...createConversation({ desks, procedures: createLocalProcedures(), tools }),
      protect,
      clock: around.clock,
      takeRan: around.takeRan,
      takeUnderstood: observed.takeUnderstood,
      begin: (turn, said) => scripted?.script(turn, said),
    };
  };
  return { open, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

function settingsOf(
  provider: DialogueProvider,
  scripted: DialogueModel | undefined,
  env: Environment,
): ModelSettings {
  if (provider === 'offline') return { provider };
  const own = { OPENAI_API_KEY: 'any', OPENAI_BASE_URL: scripted?.url, MODEL_NAME: 'scripted' };
  const wanted = { ...(scripted === undefined ? env : own), MODEL_PROVIDER: 'openai' };
  return readConfig(z.object({ model: modelSettings }), wanted).config.model;
}
