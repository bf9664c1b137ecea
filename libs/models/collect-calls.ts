import type { AIMessageChunk } from '@langchain/core/messages';
import type { ModelCall } from './chat-model.ts';
import { parseJson } from './parse-json.ts';

export interface CollectedCalls {
  /** Takes the parts of calls that a chunk of the stream holds. */
  add(chunk: AIMessageChunk): void;
  /** The calls so far, in the order in which they began; undefined where one of them names no function. */
  calls(): readonly ModelCall[] | undefined;
}

interface Part {
  id: string;
  name: string;
  text: string;
}

/**
 * Puts streamed calls together. A part belongs to the call of its index; servers that send no index begin a call
 * with an id or a name, and go on with neither.
 */
export function collectCalls(): CollectedCalls {
  const parts = new Map<number, Part>();
  let latest = -1;
  return {
    add: ({ tool_call_chunks: chunks = [] }) => {
      for (const { index, id, name, args } of chunks) {
        const begins = (id ?? '') !== '' || (name ?? '') !== '';
        latest = index ?? (begins ? latest + 1 : Math.max(latest, 0));
        const part = parts.get(latest) ?? { id: '', name: '', text: '' };
        parts.set(latest, part);
        // Both come whole, in the first part; some servers repeat them in each.
        part.id ||= id ?? '';
        part.name ||= name ?? '';
        part.text += args ?? '';
      }
    },
    calls: () => {
      const seen = new Set<string>();
      const calls = [...parts.values()].map(({ id, name, text }, place): ModelCall => {
        const own = id === '' || seen.has(id) ? `call_${place}_${seen.size}` : id;
        seen.add(own);
        // A function without parameters is often called with nothing at all.
        return { id: own, name, arguments: text.trim() === '' ? {} : parseJson(text) };
      });
      return calls.some(({ name }) => name === '') ? undefined : calls;
    },
  };
}
