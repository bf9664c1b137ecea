import type { SerializerProtocol } from '@langchain/langgraph-checkpoint';
import { PayloadKeyError } from '#runtime/errors';

/** Encrypts texts at rest; both are the identity where there is no PAYLOAD_KEY. */
export interface MemorySeal {
  readonly seal: (text: string) => string;
  readonly open: (sealed: string) => string;
}

/**
 * Values as sealed JSON. One that was damaged or written by something else is read as an empty object, which is no
 * memory: a conversation is worth more than it. A missing key is thrown: nothing would be remembered for good.
 */
export function createSealedSerde({ seal, open }: MemorySeal): SerializerProtocol {
  return {
    dumpsTyped: async (value) => ['sealed', Buffer.from(seal(JSON.stringify(value)))],
    loadsTyped: async (_type, data) => {
      try {
        const value: unknown = JSON.parse(open(Buffer.from(data).toString()));
        return typeof value === 'object' && value !== null ? value : {};
      } catch (error) {
        if (error instanceof PayloadKeyError) throw error;
        return {};
      }
    },
  };
}
