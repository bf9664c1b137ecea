import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, visit } from 'yaml';
import { analysisPath, type PlaybookFiles, talkPath } from '#playbook/playbook-files';
import { type LabelledCase, labelOf } from './labelled-case.ts';
import { keyOf, plainTextOf } from './words-of.ts';

/** The same words at two places that say different things of them. */
export interface Conflict {
  readonly text: string;
  /** Label and place of each. */
  readonly under: readonly { readonly label: string; readonly origin: string }[];
}

interface Place {
  readonly text: string;
  readonly label: string;
  readonly origin: string;
}

/** The examples that the classifier learns what a message does from, with what they stand for. */
export function examplesOf({ texts }: PlaybookFiles): readonly Place[] {
  return Object.entries(texts).flatMap(([file, text]) => {
    const [, folder = '', id = ''] = /^(agents|flows)\/(.+)\.yaml$/.exec(file) ?? [];
    if (file !== talkPath && folder === '') return [];
    const lines = new LineCounter();
    const document = parseDocument(text, { lineCounter: lines });
    const places: Place[] = [];
    visit(document, {
      Pair: (_, { key, value }) => {
        const name = isScalar(key) ? String(key.value) : '';
        if (!isSeq<Node>(value) || (folder !== '' && name !== 'examples')) return undefined;
        for (const item of value.items) {
          if (!isScalar(item) || typeof item.value !== 'string') continue;
          const line = lines.linePos(item.range?.[0] ?? 0).line;
          const label = labelOfList(folder, id, name);
          places.push({ text: item.value, label, origin: `${file}:${line}` });
        }
        return undefined;
      },
      Map: (_, map, path) => {
        // What slots are answered with is no message by itself.
        const above = path.at(-1);
        const isSlots =
          above !== undefined && 'key' in above && isScalar(above.key) && above.key.value === 'slots';
        return isSlots && isMap(map) ? visit.SKIP : undefined;
      },
    });
    return places;
  });
}

function labelOfList(folder: string, id: string, list: string): string {
  if (folder === 'flows') return `start_flow ${id}`;
  if (folder === 'agents') return `digress question ${id}`;
  if (list === 'unknown') return 'digress question unknown';
  if (list === 'why' || list === 'help' || list === 'status') return `digress ${list}`;
  if (list === 'vague') return 'clarify';
  if (list === 'correct') return 'correct_slot';
  if (list === 'greeting' || list === 'thanks' || list === 'chat') return 'chat';
  return list === 'affirm' || list === 'deny' ? 'set_slot' : list;
}

/**
 * Where labels contradict each other: messages of the labelled set at the same place of a conversation among themselves, and
 * with the examples of the playbook. No classifier can learn both.
 */
export function findConflicts(files: PlaybookFiles, cases: readonly LabelledCase[]): readonly Conflict[] {
  const labelled = cases.map((one) => ({
    text: one.text,
    label: labelOf(one),
    origin: one.origin,
    place: JSON.stringify(one.item.awaiting ?? null),
  }));
  const found = examplesOf(files).map((place) => ({ ...place, place: 'null' }));
  const groups = Map.groupBy([...labelled, ...found], ({ text, place }) => `${place} ${plainTextOf(text)}`);
  return [...groups.values()].flatMap((group) => {
    // A question without a topic contradicts no question.
    const labels = new Set(group.map(({ label }) => label));
    const distinct = [...labels].filter(
      (label) => ![...labels].some((other) => other !== label && other.startsWith(`${label} `)),
    );
    if (distinct.length < 2) return [];
    const under = distinct.flatMap((label) => {
      const one = group.find((place) => place.label === label);
      return one === undefined ? [] : [{ label, origin: one.origin }];
    });
    return [{ text: group[0]?.text ?? '', under }];
  });
}

/** The words of what the playbook is learnt from, risks included. */
export function knownWords(files: PlaybookFiles): ReadonlySet<string> {
  const analysis = files.texts[analysisPath];
  const words = new Set(examplesOf(files).map(({ text }) => keyOf(text)));
  if (analysis === undefined) return words;
  visit(parseDocument(analysis), {
    Scalar: (key, { value }) => {
      if (typeof key === 'number' && typeof value === 'string') words.add(keyOf(value));
    },
  });
  return words;
}
