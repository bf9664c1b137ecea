import { MemorySaver, type SerializerProtocol } from '@langchain/langgraph-checkpoint';

/** LangGraph's own serialisation, sealed as entry bodies are: checkpoints at rest are as private as the streams. */
export function sealedSerializer(
  seal: (text: string) => string,
  open: (sealed: string) => string,
): SerializerProtocol {
  // The package exports its serialiser only as the one that savers start with.
  const plain = new MemorySaver().serde;
  return {
    dumpsTyped: async (value) => {
      const [type, bytes] = await plain.dumpsTyped(value);
      if (type !== 'json') return [type, bytes];
      return [type, Buffer.from(seal(Buffer.from(bytes).toString('utf8')))];
    },
    loadsTyped: async (type, data) => {
      if (type !== 'json') return plain.loadsTyped(type, data);
      const text = typeof data === 'string' ? data : Buffer.from(data).toString('utf8');
      return plain.loadsTyped(type, open(text));
    },
  };
}
