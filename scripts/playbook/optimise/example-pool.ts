import { describeExample } from '#dialogue/understanding/describe-prompt';
import type { LabelledMessage } from '#playbook/schemas/labelled-file';
import { shuffled } from './create-random.ts';
import { type LabelledCase, labelOf } from './labelled-case.ts';
import { keyOf } from './words-of.ts';

/** A training message that a model may be shown. */
export interface PoolItem {
  readonly item: LabelledMessage;
  readonly label: string;
  /** Whether it is misunderstood as the playbook stands: what is known already has less to teach. */
  readonly isMissed: boolean;
}

export interface Room {
  readonly examples: number;
  readonly tokens: number;
}

const longestExample = 2_000;
/** English has about four characters for each token (OpenAI's rule of thumb). */
const charactersPerToken = 4;

/** Training messages that may be shown: none with personal data in it, and each of the same words once. */
export function poolOf(cases: readonly LabelledCase[], rights: readonly boolean[]): readonly PoolItem[] {
  const seen = new Set<string>();
  return cases.flatMap((one, index): PoolItem[] => {
    const key = JSON.stringify([keyOf(one.text), one.item.awaiting, one.item.expect]);
    if (one.isPersonal || one.item.text.length > longestExample || seen.has(key)) return [];
    seen.add(key);
    return [{ item: one.item, label: labelOf(one), isMissed: rights[index] === false }];
  });
}

/** As many as there is room for, from the front. */
export function fitting(items: readonly LabelledMessage[], room: Room): readonly LabelledMessage[] {
  let tokens = 0;
  const chosen: LabelledMessage[] = [];
  for (const item of items) {
    const cost = Math.ceil(describeExample(item).length / charactersPerToken);
    if (chosen.length >= room.examples) break;
    if (tokens + cost > room.tokens) continue;
    tokens += cost;
    chosen.push(item);
  }
  return chosen;
}

/**
 * Sets of examples to try, the most promising first: what is misunderstood, something of each label, then mixtures of chance
 * with two misunderstood messages for one that is understood, as far as there are any.
 */
export function* exampleSets(
  pool: readonly PoolItem[],
  current: readonly LabelledMessage[],
  room: Room,
  random: () => number,
): Generator<{ readonly name: string; readonly examples: readonly LabelledMessage[] }> {
  const missed = pool.filter(({ isMissed }) => isMissed);
  const known = pool.filter(({ isMissed }) => !isMissed);
  if (current.length > 0) yield { name: 'no examples', examples: [] };
  if (missed.length > 0)
    yield { name: 'misunderstood ones', examples: fitting(byTurns(shuffled(missed, random)), room) };
  if (current.length > 0 && missed.length > 0)
    yield {
      name: 'those of now and misunderstood ones',
      examples: fitting([...current, ...byTurns(shuffled(missed, random))], room),
    };
  yield {
    name: 'some of each label',
    examples: fitting(byTurns([...shuffled(missed, random), ...shuffled(known, random)]), room),
  };
  for (let number = 1; ; number++) {
    const mixed = shuffled(pool, random).toSorted((a, b) => weight(b, random) - weight(a, random));
    yield { name: `mixture ${number}`, examples: fitting(byTurns(mixed), room) };
  }
}

function weight({ isMissed }: PoolItem, random: () => number): number {
  return random() ** (isMissed ? 0.5 : 1);
}

/** The first of each label, then the second of each, and so on. */
function byTurns(items: readonly PoolItem[]): readonly LabelledMessage[] {
  const labels = [...Map.groupBy(items, ({ label }) => label).values()];
  const longest = Math.max(0, ...labels.map(({ length }) => length));
  return Array.from({ length: longest }, (_, place) => labels.flatMap((list) => list[place] ?? [])).flatMap(
    (round) => round.map(({ item }) => item),
  );
}

/** Another set with one example more, less, or in the place of another. */
export function neighbour(
  examples: readonly LabelledMessage[],
  pool: readonly PoolItem[],
  room: Room,
  random: () => number,
): readonly LabelledMessage[] {
  const others = pool.filter(({ item }) => !examples.includes(item));
  const fresh = others[Math.floor(random() * others.length)]?.item;
  const gone = Math.floor(random() * examples.length);
  const choice = random();
  if (fresh === undefined || (choice < 0.2 && examples.length > 1)) return examples.toSpliced(gone, 1);
  const isFull = fitting([...examples, fresh], room).length <= examples.length;
  if (isFull || (choice < 0.5 && examples.length > 0))
    return fitting(examples.toSpliced(gone, 1, fresh), room);
  return [...examples, fresh];
}
