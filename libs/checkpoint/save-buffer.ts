import type { CheckpointEntry, WriteEntry } from './checkpoint-entry.ts';
import type { CheckpointPlan } from './plan-checkpoint.ts';
import type { PlannedWrite } from './plan-writes.ts';

export type Save =
  | { readonly kind: 'checkpoint'; readonly threadId: string; readonly plan: CheckpointPlan }
  | {
      readonly kind: 'writes';
      readonly threadId: string;
      readonly ns: string;
      readonly id: string;
      readonly writes: readonly PlannedWrite[];
    }
  | { readonly kind: 'deletion'; readonly threadId: string };

/** The saves of a turn in their order, and how reads see them before they are in Redis. */
export class SaveBuffer {
  #saves: Save[] = [];
  #taken = 0;

  add(save: Save): void {
    this.#saves.push(save);
  }

  /** Deleting a thread makes what was saved to it before void. */
  addDeletion(threadId: string): void {
    const isTaken = (save: Save) => this.#saves.indexOf(save) < this.#taken;
    const dropped = this.#saves.filter((save) => save.threadId === threadId);
    this.#taken -= dropped.filter(isTaken).length;
    this.#saves = this.#saves.filter((save) => save.threadId !== threadId);
    this.add({ kind: 'deletion', threadId });
  }

  /** All saves so far; `acknowledge` refers to these. */
  take(): readonly Save[] {
    this.#taken = this.#saves.length;
    return [...this.#saves];
  }

  /** Removes and returns what was taken last: it is in Redis now. */
  acknowledge(): Save[] {
    const stored = this.#saves.splice(0, this.#taken);
    this.#taken = 0;
    return stored;
  }

  clear(): Save[] {
    this.#taken = this.#saves.length;
    return this.acknowledge();
  }

  isDeleted(threadId: string): boolean {
    return this.#saves.some((save) => save.kind === 'deletion' && save.threadId === threadId);
  }

  /** The buffered checkpoints of a thread, one per namespace and id, in the order of their last save. */
  entries(threadId: string): CheckpointEntry[] {
    const entries = new Map<string, CheckpointEntry>();
    for (const save of this.#saves) {
      if (save.kind !== 'checkpoint' || save.threadId !== threadId) continue;
      const { entry } = save.plan;
      const key = JSON.stringify([entry.ns, entry.id]);
      entries.delete(key);
      entries.set(key, entry);
    }
    return [...entries.values()];
  }

  threadIds(): string[] {
    return [...new Set(this.#saves.map((save) => save.threadId))];
  }

  /** The pending writes of a checkpoint: those `stored` in Redis with the buffered ones laid upon them. */
  writesOver(stored: readonly WriteEntry[], threadId: string, ns: string, id: string): WriteEntry[] {
    const writes = new Map(stored.map((write) => [write.field, write]));
    for (const save of this.#saves) {
      const isTheirs = save.kind === 'writes' && save.threadId === threadId;
      if (!isTheirs || save.ns !== ns || save.id !== id) continue;
      for (const write of save.writes) {
        if (write.replaces || !writes.has(write.field)) writes.set(write.field, write);
      }
    }
    return [...writes.values()].sort((a, b) => (a.field < b.field ? -1 : 1));
  }
}
