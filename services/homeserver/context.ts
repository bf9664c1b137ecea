import type { Logger } from 'pino';
import type { AppserviceSender } from './appservice/sender.ts';
import type { ResolvedConfig } from './config.ts';
import type { Database } from './database.ts';
import type { RequestLog } from './http/request-log.ts';
import type { Scripts } from './http/scripts.ts';
import type { TransactionMemory } from './rooms/transaction-memory.ts';
import type { Notifier } from './sync/notifier.ts';
import type { Typing } from './sync/typing.ts';

/** What every handler may use. One context per homeserver; nothing in it is global. */
export interface Context {
  readonly config: ResolvedConfig;
  readonly database: Database;
  readonly notifier: Notifier;
  readonly typing: Typing;
  readonly transactionMemory: TransactionMemory;
  readonly appservices: AppserviceSender;
  readonly scripts: Scripts;
  readonly requestLog: RequestLog;
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}
