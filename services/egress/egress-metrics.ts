import { Counter, Histogram, type Registry } from 'prom-client';
import { z } from 'zod';

export type EgressMetrics = ReturnType<typeof createEgressMetrics>;

export function createEgressMetrics(registry: Registry) {
  return {
    /** By the kind that the event carries: `reply`, `draft`, `approval` … */
    sent: new Counter({
      name: 'vagent_egress_events_total',
      help: 'Events that the homeserver has taken, drafts and edits included, by kind',
      labelNames: ['kind'],
      registers: [registry],
    }),
    encrypted: new Counter({
      name: 'vagent_egress_encrypted_rooms_total',
      help: 'Events not sent, as their room is encrypted and there is no CRYPTO_STORE_KEY',
      registers: [registry],
    }),
    encryptedEvents: new Counter({
      name: 'vagent_egress_encrypted_events_total',
      help: 'Events that were encrypted before they were sent',
      registers: [registry],
    }),
    encryptSeconds: new Histogram({
      name: 'vagent_egress_encrypt_seconds',
      help: 'Seconds from an event of an encrypted room to its ciphertext, waiting for the device and sharing keys included',
      buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers: [registry],
    }),
  };
}

const marked = z.object({ 'dev.vagent': z.object({ kind: z.string().max(20) }) });

/** A reaction under a prompt carries no mark of ours. */
export function kindOf(content: object): string {
  return marked.safeParse(content).data?.['dev.vagent'].kind ?? 'reaction';
}
