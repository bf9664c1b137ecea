import { GraphGoneError, NewerGraphError } from '#agents/errors';
import type { ChannelValues, GraphVersion } from './graph-version.ts';

export interface ChosenVersion {
  readonly version: GraphVersion;
  /** What makes the thread one of this version, a step for each version between; empty where nothing has to change. */
  readonly updates: readonly Record<string, unknown>[];
}

interface Thread {
  readonly id: string;
  readonly version: number;
  readonly values: ChannelValues;
}

/**
 * The version on which a thread goes on. What is open stays on its own version as long as this code has it; everything else
 * moves to `target` by the declared migrations. Never to an older one.
 *
 * @throws {NewerGraphError} for a thread of a version that this code does not know yet, {@link GraphGoneError} for one that
 * neither it nor a migration knows any more.
 */
export function chooseVersion(
  versions: readonly GraphVersion[],
  thread: Thread,
  target: number,
): ChosenVersion {
  const own = ownVersion(versions, thread);
  if (own !== undefined && thread.version >= target) return { version: own, updates: [] };
  const isOpen = own?.isOpen(thread.values) ?? true;
  if (own !== undefined && isOpen) return { version: own, updates: [] };
  const moved = move(
    versions,
    thread.values,
    { from: thread.version, to: Math.max(target, thread.version + 1) },
    isOpen,
  );
  if (moved !== undefined) return moved;
  if (own !== undefined) return { version: own, updates: [] };
  throw new GraphGoneError(thread.id, thread.version);
}

/**
 * The version of a thread that waits at an interrupt: its own, and no other.
 *
 * @throws {NewerGraphError} and {@link GraphGoneError} like `chooseVersion`.
 */
export function versionOfWaiting(
  versions: readonly GraphVersion[],
  thread: Omit<Thread, 'values'>,
): GraphVersion {
  const own = ownVersion(versions, thread);
  if (own === undefined) throw new GraphGoneError(thread.id, thread.version);
  return own;
}

/** Undefined for one that this code does not have any more. */
function ownVersion(
  versions: readonly GraphVersion[],
  { id, version }: Omit<Thread, 'values'>,
): GraphVersion | undefined {
  const newest = versions.at(-1)?.version ?? 0;
  if (version > newest) throw new NewerGraphError(id, version, newest);
  return versions.find((one) => one.version === version);
}

/** Undefined where a step is missing or does not take this thread. */
function move(
  versions: readonly GraphVersion[],
  before: ChannelValues,
  { from, to }: { readonly from: number; readonly to: number },
  isOpen: boolean,
): ChosenVersion | undefined {
  const updates: Record<string, unknown>[] = [];
  let values = before;
  let reached: GraphVersion | undefined;
  for (let version = from + 1; version <= to; version += 1) {
    reached = versions.find((one) => one.version === version);
    const update = reached?.adopt?.(values, isOpen);
    if (update === undefined) return undefined;
    updates.push(update);
    values = { ...values, ...update };
  }
  return reached === undefined ? undefined : { version: reached, updates };
}
