import type { ChatModel } from './chat-model.ts';
import { createChatModel } from './create-chat-model.ts';
import type { ModelSettings } from './model-settings.ts';

/** The chat model of a name at the same server; without a name the one of MODEL_NAME; undefined for offline. */
export type ChatModels = (name?: string) => ChatModel | undefined;

/** Chat models by name, each made once: agents may have others than MODEL_NAME. */
export function createChatModels(settings: ModelSettings): ChatModels {
  if (settings.provider === 'offline') return () => undefined;
  const made = new Map<string, ChatModel | undefined>();
  return (name = settings.model) => {
    if (!made.has(name)) made.set(name, createChatModel({ ...settings, model: name }));
    return made.get(name);
  };
}
