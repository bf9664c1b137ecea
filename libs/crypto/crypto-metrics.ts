import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

export type CryptoMetrics = ReturnType<typeof createCryptoMetrics>;

/** What a process counts that holds a crypto device; never labelled by a person or a room. */
export function createCryptoMetrics(registry: Registry) {
  const registers = [registry];
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Counter({ name: `vagent_crypto_${name}`, help, labelNames, registers });
  const gauge = (name: string, help: string) => new Gauge({ name: `vagent_crypto_${name}`, help, registers });
  return {
    decrypted: counter('decryptions_total', 'Attempts to decrypt an event, by outcome', ['outcome']),
    encrypted: counter('encryptions_total', 'Events encrypted', []),
    keysShared: counter('keys_shared_total', 'Messages to devices that carry room keys of ours', []),
    keyRequests: counter('key_requests_total', 'Room keys asked for at our other devices', []),
    keyBatches: counter('key_batches_total', 'Times that room keys came, or word that they will not', []),
    refused: counter('requests_refused_total', 'Requests of the device that the homeserver does not take', [
      'type',
    ]),
    lost: counter('devices_lost_total', 'Times that another process took the device over', []),
    begunAnew: counter('devices_begun_anew_total', 'Devices that got new keys: their old ones were gone', []),
    held: gauge('device_held', 'Crypto devices that this process holds'),
    records: gauge('store_records', 'Records in the store that was written last'),
    flushSeconds: new Histogram({
      name: 'vagent_crypto_flush_seconds',
      help: 'Writing to Redis what the device has learned or used up',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
      registers,
    }),
  };
}
