import type { BaseCheckpointSaver, Pregel } from '@langchain/langgraph';

/**
 * Gives one compiled graph for each saver. LangGraph binds a saver at compile time, and the worker has a saver for
 * each turn or partition; a copy of the compiled graph with another `checkpointer` costs microseconds, where
 * compiling anew costs a tenth of a turn. Copies live as long as their saver.
 */
// biome-ignore lint/suspicious/noExplicitAny: any compiled graph, whatever its nodes and channels
export function graphPerSaver<Graph extends Pregel<any, any, any>>(compiled: Graph) {
  const copies = new WeakMap<BaseCheckpointSaver, Graph>();
  return (saver: BaseCheckpointSaver): Graph => {
    const known = copies.get(saver);
    if (known !== undefined) return known;
    // Object.create is typed as any; the copy has the prototype and every own property of `compiled`.
    const copy: Graph = Object.assign(Object.create(Object.getPrototypeOf(compiled)), compiled);
    copy.checkpointer = saver;
    copies.set(saver, copy);
    return copy;
  };
}
