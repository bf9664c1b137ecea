import type { Checkpoint } from '@langchain/langgraph-checkpoint';

/** Graphs may push to a list while a save is under way: what is saved is the list as it was when it was put. */
export function holdLists(checkpoint: Checkpoint): Checkpoint {
  const held = Object.entries(checkpoint.channel_values).map(
    ([channel, value]) => [channel, Array.isArray(value) ? [...value] : value] as const,
  );
  return { ...checkpoint, channel_values: Object.fromEntries(held) };
}
