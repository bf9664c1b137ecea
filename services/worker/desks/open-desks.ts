import type { Logger } from 'pino';
import type { Desks } from '#agents/conversation/desk';
import type { OpenDesk } from '#agents/desk/create-desk';
import { createRedisStores } from '#agents/desk/create-redis-stores';
import { knownNames } from '#agents/known-names';
import type { Observer } from '#agents/observed/agent-metrics';
import { type Breakers, createBreakers } from '#agents/tools/create-breakers';
import { createTools } from '#agents/tools/create-tools';
import type { ToolRegistry } from '#agents/tools/tool-registry';
import { createChatModels } from '#models/create-chat-models';
import type { Switches } from '#operations/switches/switch';
import { parsePlaybook } from '#playbook/parse-playbook';
import type { Playbook } from '#playbook/playbook';
import type { PlaybookFiles } from '#playbook/playbook-files';
import { readPlaybookFiles } from '#playbook/read-playbook-files';
import { type PlaybookChange, watchPlaybook } from '#playbook/watch-playbook';
import type { Transport } from '#streams/open-transport';
import { isRedisUnavailable } from '#streams/redis-errors';
import type { WorkerConfig } from '../worker-config.ts';
import { announcePlaybook, archivePlaybook, findPlaybook, keepArchived } from './playbook-archive.ts';
import { createShelf } from './shelf.ts';

export interface WorkerDesks extends Desks, AsyncDisposable {
  current(): OpenDesk;
  /** What may run when reviewers allow it: tools of the newest playbook, then those of others that are open. */
  readonly tools: ToolRegistry;
  readonly breakers: Breakers;
}

/**
 * The playbooks that this worker has compiled. The folder is watched: an edit counts for sessions that begin after
 * it, a broken one is refused and the old one stays. Sessions that began with another version find it in the archive.
 *
 * @throws {PlaybookError} with every mistake in the playbook that it starts with.
 */
export async function openDesks(
  config: WorkerConfig,
  transport: Transport,
  {
    log,
    signal,
    switches,
    observer,
  }: { log: Logger; signal: AbortSignal; switches: Switches; observer: Observer },
): Promise<WorkerDesks> {
  const tools = createTools(config.records);
  const options = { reviewers: config.approvals.reviewers, code: knownNames(tools) };
  const breakers = createBreakers();
  const shelf = createShelf({
    breakers,
    switches,
    observer,
    model: createChatModels(config.model),
    modelName: config.model.provider === 'offline' ? 'offline' : config.model.model,
    tools,
    stores: createRedisStores({ ...transport, prefix: config.redis.keyPrefix }),
    env: process.env,
    log,
    signal,
  });
  await using stack = new AsyncDisposableStack();
  stack.defer(() => shelf.close());
  const dir = config.turns.playbookDir;
  const files = await readPlaybookFiles(dir);
  let installed = { version: '', files };
  const install = async (playbook: Playbook, files: PlaybookFiles): Promise<void> => {
    // In the archive before any session can begin with it.
    await archivePlaybook(transport, playbook.version, files);
    await shelf.install(playbook);
    installed = { version: playbook.version, files };
    await announcePlaybook(transport, playbook, files);
  };
  const playbook = parsePlaybook(files, options);
  await install(playbook, files);
  const onError = (err: unknown): void => log.warn({ err }, 'the playbook could not be archived again');
  stack.use(keepArchived(transport, () => installed, { onError }));
  const take = async (change: PlaybookChange): Promise<void> => {
    if (change.kind === 'refused') throw change.error;
    await install(change.playbook, change.files);
    log.info(
      { playbook: change.playbook.version.slice(0, 12) },
      'the playbook was edited: new sessions use it',
    );
  };
  const onChange = (change: PlaybookChange): Promise<void> =>
    take(change).catch((error: unknown) => {
      log.error({ err: error }, 'the playbook was edited and cannot be used: the one before it stays');
      // Told again at the next look: it was Redis, or a server of tools, and not the playbook.
      if (change.kind === 'loaded') throw error;
    });
  stack.use(watchPlaybook(dir, onChange, { ...options, version: playbook.version }));
  const open = stack.move();
  return {
    current: shelf.current,
    find: async (version) => {
      const known = await shelf.get(version);
      if (known !== undefined) return known;
      try {
        const archived = await findPlaybook(transport, version);
        // What it names in code may be gone by now: a step that needs it says so when it comes to it.
        return archived && (await shelf.add(parsePlaybook(archived, { reviewers: options.reviewers })));
      } catch (error) {
        if (isRedisUnavailable(error)) throw error;
        log.error(
          { err: error, playbook: version.slice(0, 12) },
          'a playbook of old sessions cannot be used',
        );
        return undefined;
      }
    },
    tools: shelf.tools,
    breakers,
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}
