import type { OlmMachine } from '@matrix-org/matrix-sdk-crypto-wasm';
import type { MatrixClient } from '#matrix/matrix-client';

/** What is done with a device beside what its slot does. */
export interface DeviceHooks {
  /** Called each time that a device is open and its keys are uploaded, before it is handed out: here it is signed. */
  readonly onOpened?: (machine: OlmMachine, client: MatrixClient) => Promise<unknown>;
  /** Runs beside the device from then on, until `ended`. */
  readonly whileOpen?: (device: HookedDevice) => Promise<void>;
}

export interface HookedDevice {
  readonly machine: OlmMachine;
  readonly client: MatrixClient;
  /** Aborted when the device is ours no more. */
  readonly ended: AbortSignal;
  /**
   * Runs work with the SDK while nothing that the SDK asked for is on its way, and stores what came of it.
   *
   * @throws {DeviceLostError} once the device is not ours.
   */
  alone<T>(work: () => Promise<T>): Promise<T>;
}
