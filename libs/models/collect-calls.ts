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
 * with an id or a name, and go on with neither (or with empty ones).
 *
 * @param usual the name of calls that name no function, where only one can be meant.
 */
export function collectCalls(usual = ''): CollectedCalls {
  const begun: Part[] = [];
  const byIndex = new Map<number, Part>();
  let latest = -1;
  return {
    add: ({ tool_call_chunks: chunks = [] }) => {
      for (const chunk of chunks) {
        const [id, name] = [chunk.id ?? '', chunk.name ?? ''];
        const begins = id !== '' || name !== '';
        latest = chunk.index ?? (begins ? latest + 1 : Math.max(latest, 0));
        const known = byIndex.get(latest);
        const part = known === undefined || isOther(known, id, name) ? { id: '', name: '', text: '' } : known;
        if (part !== known) begun.push(part);
        byIndex.set(latest, part);
        // Both come whole, in the first part; some servers repeat them in each.
        part.id ||= id;
        part.name ||= name;
        part.text += chunk.args ?? '';
      }
    },
    calls: () => {
      const seen = new Set<string>();
      const calls = begun.map(({ id, name: written, text }, place): ModelCall => {
        const name = written === '' ? usual : written;
        const own = id === '' || seen.has(id) ? `call_${place}_${seen.size}` : id;
        seen.add(own);
        // A function without parameters is often called with nothing at all.
        return { id: own, name, arguments: text.trim() === '' ? {} : parseJson(text) };
      });
      return calls.some(({ name }) => name === '') ? undefined : calls;
    },
  };
}

/** Some servers give every call of a step the index 0 (Gemini's do). With another id alone it may go on: some make one up for each part. */
function isOther(known: Part, id: string, name: string): boolean {
  return id !== '' && name !== '' && known.id !== '' && known.name !== '' && id !== known.id;
}
