import { isDeepStrictEqual } from 'node:util';
import type { RunnableConfig } from '@langchain/core/runnables';
import type { CheckpointListOptions, CheckpointTuple } from '@langchain/langgraph-checkpoint';

/** Whether `list(config, options)` is to yield this checkpoint, its limit left aside. */
export function matchesListing(
  tuple: CheckpointTuple,
  config: RunnableConfig,
  options: Omit<CheckpointListOptions, 'limit'>,
): boolean {
  const own = tuple.config.configurable ?? {};
  const { thread_id: threadId, checkpoint_ns: ns, checkpoint_id: id } = config.configurable ?? {};
  const before: unknown = options.before?.configurable?.['checkpoint_id'];
  if (threadId && own['thread_id'] !== threadId) return false;
  if (ns !== undefined && own['checkpoint_ns'] !== ns) return false;
  if (id && own['checkpoint_id'] !== id) return false;
  if (typeof before === 'string' && before !== '' && tuple.checkpoint.id >= before) return false;
  return matchesMetadata(tuple.metadata, options.filter ?? {});
}

/** Whether every value of the filter equals, as a whole, the metadata's. */
export function matchesMetadata(metadata: unknown, filter: Record<string, unknown>): boolean {
  return Object.entries(filter).every(([key, value]) => isDeepStrictEqual(Object(metadata)[key], value));
}
