import type { OlmMachine } from '@matrix-org/matrix-sdk-crypto-wasm';
import type { Logger } from 'pino';
import type { MatrixClient } from '#matrix/matrix-client';
import type { CryptoMetrics } from './crypto-metrics.ts';
import type { CryptoStore } from './store/crypto-store.ts';

/** What one open device is made of. */
export interface DeviceParts {
  readonly userId: string;
  readonly deviceId: string;
  readonly machine: OlmMachine;
  readonly client: MatrixClient;
  readonly store: CryptoStore;
  readonly metrics: CryptoMetrics;
  readonly log: Logger;
  /** Aborted with the reason when the device is ours no more, or cannot go on as it is. */
  readonly ended: AbortSignal;
  end(reason: Error): void;
}
