import type { Body, EntryType, StreamName } from '#contract/bodies';
import { streamTypes } from '#contract/bodies';
import type { Entry } from '#contract/entry';
import type { Output } from '#streams/commit';

const streamOf = new Map<EntryType, StreamName>();
for (const stream of Object.keys(streamTypes) as StreamName[]) {
  for (const type of streamTypes[stream]) streamOf.set(type, stream);
}

/** Makes the outputs of one turn; ids come from the turn and a name, so that a repeated turn says the same. */
export function outputsOf(cause: Pick<Entry, 'id' | 'session' | 'trace'>) {
  return <T extends EntryType>(type: T, name: string, body: Body<T>): Output => {
    const entry = {
      type,
      id: `${cause.id}#${name}`,
      session: cause.session,
      turn: cause.id,
      at: new Date().toISOString(),
      trace: cause.trace,
      body,
    };
    // `type` and `body` belong together by the signature; TypeScript cannot see it through the union.
    return { stream: streamOf.get(type) ?? 'outbound', entry: entry as Output['entry'] };
  };
}
