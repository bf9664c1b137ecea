import type { CheckpointTuple } from '@langchain/langgraph-checkpoint';

/** Whether both are the checkpoint of the same thread, namespace and id. */
export function isSamePlace(a: CheckpointTuple, b: CheckpointTuple): boolean {
  return placeOfConfig(a.config) === placeOfConfig(b.config);
}

function placeOfConfig(config: CheckpointTuple['config']): string {
  const { thread_id: threadId, checkpoint_ns: ns, checkpoint_id: id } = config.configurable ?? {};
  return JSON.stringify([threadId, ns, id]);
}
