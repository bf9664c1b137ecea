import type { RunnableConfig } from '@langchain/core/runnables';
import { getCheckpointId } from '@langchain/langgraph-checkpoint';
import { CheckpointConfigError } from './errors.ts';

/** The part of a config that a saver looks at. */
export interface ThreadConfig {
  readonly threadId: string;
  readonly ns: string;
  readonly id: string | undefined;
}

/** Reads thread, namespace and checkpoint id; throws CheckpointConfigError where there is no usable thread id. */
export function threadConfigOf(config: RunnableConfig, action: string): ThreadConfig {
  const threadId: unknown = config.configurable?.['thread_id'];
  const ns: unknown = config.configurable?.['checkpoint_ns'] ?? '';
  const id: unknown = getCheckpointId(config);
  if (typeof threadId !== 'string' || threadId === '') {
    throw new CheckpointConfigError(
      `Cannot ${action}: the config lacks configurable.thread_id, a non-empty string that names the conversation, ` +
        'as in graph.invoke(input, { configurable: { thread_id: "…" } })',
    );
  }
  if (typeof ns !== 'string' || typeof id !== 'string') {
    throw new CheckpointConfigError(
      `Cannot ${action}: configurable.checkpoint_ns and checkpoint_id must be strings where given`,
    );
  }
  return { threadId, ns, id: id === '' ? undefined : id };
}
