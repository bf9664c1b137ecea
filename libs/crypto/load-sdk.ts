import { initAsync } from '@matrix-org/matrix-sdk-crypto-wasm';
import type { Logger } from 'pino';
import { installIndexedDb } from './store/install-indexed-db.ts';

/** Makes the crypto SDK ready: compiled once for the process, and with a database to keep its keys in. */
export async function loadSdk(): Promise<void> {
  installIndexedDb();
  await initAsync();
}

/** What the SDK says, at levels that fit its habit of calling everyday matters warnings. */
export function sdkLogger(log: Logger) {
  const tell =
    (level: 'trace' | 'debug') =>
    (line: unknown): void =>
      log[level]({ sdk: String(line) }, 'The crypto SDK says');
  return { debug: tell('trace'), info: tell('trace'), warn: tell('debug'), error: tell('debug') };
}
