import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { McpServer } from '#playbook/playbook';
import { type Backoff, backoffMs } from '#runtime/backoff-ms';
import type { ListedTool } from './list-mcp-tools.ts';
import { type McpSession, openMcpSession } from './open-mcp-session.ts';

export interface McpLinkOptions {
  readonly secrets: Readonly<Record<string, string>>;
  readonly log: Logger;
  readonly backoff?: Backoff;
}

/** A session that lasted so long was a good one: the next wait is short again. */
const goodSessionMs = 30_000;
const leastPauseMs = 100;

/** Keeps a server connected: when it is away or has died it is tried again, for as long as the link is open. */
export class McpLink implements AsyncDisposable {
  readonly server: McpServer;
  readonly #options: McpLinkOptions;
  readonly #ends = new AbortController();
  readonly #known = new Map<string, ListedTool>();
  #session: McpSession | undefined;
  #isUp = Promise.withResolvers<McpSession | undefined>();
  #running: Promise<void> | undefined;

  constructor(server: McpServer, options: McpLinkOptions) {
    this.server = server;
    this.#options = options;
  }

  get isConnected(): boolean {
    return this.#session !== undefined;
  }

  start(): void {
    this.#running ??= this.#keepConnected();
  }

  /** The session, waiting for it at most `withinMs`; undefined where the server is away for longer. */
  async session(withinMs: number): Promise<McpSession | undefined> {
    if (this.#session !== undefined) return this.#session;
    const timer = new AbortController();
    const late = sleep(withinMs, undefined, { signal: timer.signal, ref: false }).catch(() => undefined);
    try {
      return await Promise.race([this.#isUp.promise, late]);
    } finally {
      timer.abort();
    }
  }

  /** What the server says of a tool now; undefined while it is away or has no such tool. */
  listed(tool: string): ListedTool | undefined {
    return this.#session?.tools().get(tool);
  }

  /** The same, or what it said last. */
  known(tool: string): ListedTool | undefined {
    const listed = this.listed(tool);
    if (listed !== undefined) this.#known.set(tool, listed);
    return listed ?? this.#known.get(tool);
  }

  async stop(): Promise<void> {
    this.#ends.abort();
    await this.#session?.close();
    await this.#running;
    this.#isUp.resolve(undefined);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #keepConnected(): Promise<void> {
    const { backoff = { baseMs: 500, maxMs: 30_000 }, log } = this.#options;
    const { signal } = this.#ends;
    for (let failures = 0; !signal.aborted; ) {
      const began = performance.now();
      await this.#connectOnce().catch((error: unknown) => {
        if (!signal.aborted) log.warn({ err: error, failures }, 'the server of tools cannot be reached');
      });
      failures = performance.now() - began > goodSessionMs ? 1 : failures + 1;
      await sleep(leastPauseMs + backoffMs(failures, backoff), undefined, { signal }).catch(() => undefined);
    }
  }

  async #connectOnce(): Promise<void> {
    const { secrets, log } = this.#options;
    const session = await openMcpSession(this.server, { secrets, log, signal: this.#ends.signal });
    try {
      if (this.#ends.signal.aborted) return;
      this.#keepWhatIsKnown(session);
      this.#session = session;
      this.#isUp.resolve(session);
      log.info({ tools: [...session.tools().keys()] }, 'connected to the server of tools');
      await session.closed;
      if (!this.#ends.signal.aborted) log.warn('the server of tools has gone');
    } finally {
      this.#session = undefined;
      this.#isUp = Promise.withResolvers();
      await session.close();
    }
  }

  #keepWhatIsKnown(session: McpSession): void {
    for (const name of this.server.tools.keys()) {
      const listed = session.tools().get(name);
      if (listed !== undefined) this.#known.set(name, listed);
    }
  }
}
