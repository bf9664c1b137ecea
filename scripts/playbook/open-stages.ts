import { createHash } from 'node:crypto';
import pino from 'pino';
import { z } from 'zod';
import { createConversation } from '#agents/conversation/create-conversation';
import { createLocalProcedures } from '#agents/conversation/create-local-procedures';
import { createDesk, type OpenDesk } from '#agents/desk/create-desk';
import { createLocalStores } from '#agents/desk/create-local-stores';
import { createTools } from '#agents/tools/create-tools';
import { createDemoForgeDesk } from '#agents/tools/desk/create-demo-forge-desk';
import { createChatModels } from '#models/create-chat-models';
import { type ModelSettings, modelSettings } from '#models/model-settings';
import { loadPlaybook } from '#playbook/load-playbook';
import { createProtect } from '#privacy/create-protect';
import { type Environment, readConfig } from '#runtime/read-config';
import { type DialogueModel, startDialogueModel } from './dialogue-model.ts';
import type { DialogueProvider } from './dialogue-provider.ts';
import type { DialogueStage } from './dialogue-stage.ts';
import { observeDesk } from './observe-desk.ts';
import { watchTools } from './watch-tools.ts';

export interface Stages extends AsyncDisposable {
  /** One on which nothing has happened yet. */
  open(): Promise<DialogueStage>;
}

/** Who decides where a policy names nobody. */
const reviewers = ['@rita:example.org', '@rob:example.org'];
/** Placeholders are the same in every run, so that dialogues can name them. */
const placeholderKey = createHash('sha256').update('dialogues').digest();
const beginsAt = Date.parse('2026-03-02T09:00:00.000Z');

/**
 * Opens what the dialogues of a playbook are played on: its desk, with everything outside of it in this process.
 *
 * @throws {PlaybookError} where the playbook cannot be used.
 * @throws {ConfigError} where the environment names no model and one is wanted.
 */
export async function openStages(dir: string, provider: DialogueProvider, env: Environment): Promise<Stages> {
  const playbook = await loadPlaybook(dir, { reviewers });
  await using stack = new AsyncDisposableStack();
  const scripted = provider === 'scripted' ? stack.use(await startDialogueModel()) : undefined;
  const settings = settingsOf(provider, scripted, env);
  const protect = createProtect({ policy: playbook.policies.privacy, key: placeholderKey });
  const desks: OpenDesk[] = [];
  stack.defer(async () => {
    for (const desk of desks) await desk[Symbol.asyncDispose]();
  });
  const open = async (): Promise<DialogueStage> => {
    const clock = { now: beginsAt };
    const now = (): Date => new Date(clock.now);
    const systems = createDemoForgeDesk({ now });
    const passages = () => playbook.passages;
    const watch = watchTools(createTools({ recordsUrl: undefined, desk: systems, passages }));
    const desk = await createDesk(playbook, {
      model: createChatModels(settings),
      modelName: settings.provider === 'offline' ? 'offline' : settings.model,
      tools: watch.tools,
      stores: createLocalStores(() => clock.now),
      env,
      log: pino({ enabled: false }),
      signal: AbortSignal.any([]),
    });
    desks.push(desk);
    const observed = observeDesk(desk);
    const { tools } = observed.desk;
    const current = { current: () => observed.desk, find: async () => undefined };
    return {
      ...createConversation({ desks: current, procedures: createLocalProcedures(), tools }),
      protect,
      clock,
      takeRan: watch.takeRan,
      takeUnderstood: observed.takeUnderstood,
      begin: (turn, said) => scripted?.script(turn, said),
    };
  };
  const kept = stack.move();
  return { open, [Symbol.asyncDispose]: () => kept.disposeAsync() };
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
