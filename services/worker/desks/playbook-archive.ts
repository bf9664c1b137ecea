import type { Keys } from '#contract/keys';
import { outlinePlaybook } from '#playbook/outline-playbook';
import type { Playbook } from '#playbook/playbook';
import type { PlaybookFiles } from '#playbook/playbook-files';
import { suggestMessages } from '#playbook/suggest-messages';
import type { RedisClient } from '#streams/redis-client';

const dayMs = 24 * 60 * 60 * 1_000;
/** Longer than any approval waits. */
const archivedMs = 90 * dayMs;

export interface ArchiveDeps {
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly sealBody: (json: string) => string;
  readonly openBody: (sealed: string) => string;
}

/** Keeps a playbook's files by their version, for sessions that began with it and workers that never saw it. */
export async function archivePlaybook(
  deps: ArchiveDeps,
  version: string,
  files: PlaybookFiles,
): Promise<void> {
  const sealed = deps.sealBody(JSON.stringify({ ...files, tests: {} }));
  await deps.redis.set(deps.keys.playbook(version), sealed, 'PX', archivedMs);
}

/** Archives again once a day what sessions begin with: a worker may run for longer than the archive keeps. */
export function keepArchived(
  deps: ArchiveDeps,
  current: () => { readonly version: string; readonly files: PlaybookFiles },
  { onError, everyMs = dayMs }: { onError: (error: unknown) => void; everyMs?: number },
): Disposable {
  const archive = (): void => {
    const { version, files } = current();
    archivePlaybook(deps, version, files).catch(onError);
  };
  const timer = setInterval(archive, everyMs).unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** Says which playbook new sessions begin with, for people who look. */
export async function announcePlaybook(
  deps: Pick<ArchiveDeps, 'redis' | 'keys'>,
  playbook: Playbook,
  files: PlaybookFiles,
): Promise<void> {
  const outline = outlinePlaybook(playbook, suggestMessages(files));
  await deps.redis.set(deps.keys.playbookCurrent(), JSON.stringify(outline));
}

/** The files of a version; undefined where it is lost. */
export async function findPlaybook(deps: ArchiveDeps, version: string): Promise<PlaybookFiles | undefined> {
  const sealed = await deps.redis.get(deps.keys.playbook(version));
  // Written by `archivePlaybook` alone, and checked again as a playbook when it is parsed.
  return sealed === null ? undefined : (JSON.parse(deps.openBody(sealed)) as PlaybookFiles);
}
