import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { forcedFunction } from './forced-function.ts';
import { lastUserText, type ModelReply, type ModelRequest } from './model-reply.ts';

/** A folder with a playbook of four flows without any example, and messages that are labelled with them or with `hand_off`. */
export interface LabelledDesk extends AsyncDisposable {
  readonly dir: string;
}

const things: Readonly<Record<string, readonly string[]>> = {
  garden: ['rose', 'tulip', 'hedge', 'lawn', 'shovel', 'compost', 'seed', 'pond'],
  kitchen: ['oven', 'kettle', 'spoon', 'flour', 'pan', 'sink', 'whisk', 'toaster'],
  harbour: ['boat', 'anchor', 'sail', 'pier', 'rope', 'tide', 'mast', 'crane'],
  library: ['novel', 'shelf', 'index', 'atlas', 'poem', 'librarian', 'chapter', 'folio'],
};
const fillers = [
  'quick',
  'old',
  'blue',
  'heavy',
  'spare',
  'second',
  'broken',
  'lent',
  'wide',
  'small',
  'loud',
  'late',
];
const strangers = [
  'mango',
  'violin',
  'comet',
  'granite',
  'parrot',
  'velvet',
  'thunder',
  'pixel',
  'lantern',
  'cactus',
  'marble',
  'saddle',
  'ferret',
  'puzzle',
  'glacier',
  'trumpet',
];
const perLabel = 16;

/** Messages of a flow share words with each other, and none with another flow; those for a person share none at all. */
export function labelledMessages(): readonly { readonly text: string; readonly label: string }[] {
  const ofFlows = Object.entries(things).flatMap(([label, words], flow) =>
    Array.from({ length: perLabel }, (_, index) => {
      const own = [words[index % 8], words[(index * 3 + 1 + Math.floor(index / 8)) % 8]];
      const odd = fillers[(index + flow * 3) % fillers.length];
      return { label, text: `${odd} ${own.join(' ')} ${letters(flow * perLabel + index)}` };
    }),
  );
  const ofNobody = strangers.map((word, index) => ({
    label: 'hand_off',
    text: `${word} ${letters(400 + index)} ${letters(800 + index)}`,
  }));
  return [...ofFlows, ...ofNobody];
}

export async function openLabelledDesk(files: Readonly<Record<string, string>> = {}): Promise<LabelledDesk> {
  const dir = await mkdtemp(join(tmpdir(), 'vagent-labelled-'));
  const flows = Object.keys(things).map((id): [string, string] => [
    `flows/${id}.yaml`,
    `# The ${id}.\ndescription: Sees to the ${id}.\nsteps:\n  - say: "Done."\n`,
  ]);
  const labelled = labelledMessages().map(({ text, label }) => {
    const expect = label === 'hand_off' ? { command: label } : { command: 'start_flow', flow: label };
    return `- ${JSON.stringify({ text, expect })}\n`;
  });
  const all = {
    'playbook.yaml': 'name: Desk\npersona: You are a desk.\ngreeting: Hello.\nhuman: Write to us.\n',
    'understanding/labelled.yaml': labelled.join(''),
    ...Object.fromEntries(flows),
    ...files,
  };
  for (const [file, text] of Object.entries(all)) {
    await mkdir(join(dir, file, '..'), { recursive: true });
    await writeFile(join(dir, file), text);
  }
  return { dir, [Symbol.asyncDispose]: () => rm(dir, { recursive: true }) };
}

/** The examples that a request shows, with the form that is right for each. */
export function shownExamples({ messages }: ModelRequest): readonly { message: string; form: unknown }[] {
  const system = messages.find(({ role }) => role === 'system')?.content;
  const lines = typeof system === 'string' ? system.split('\n') : [];
  return lines.flatMap((line) => {
    const [, place, form] = /^- (\{"message":.*\}) => (\{.*\})$/.exec(line) ?? [];
    if (place === undefined || form === undefined) return [];
    const { message }: { message: string } = JSON.parse(place);
    return [{ message, form: JSON.parse(form) }];
  });
}

export const strangerRule = 'What is about none of the flows is for a person.';

/**
 * A model that knows nothing but its prompt: it says of a message what is right for the example that has most words in
 * common with it. Where none has any it does not know, unless the notes tell it what to do then.
 */
export function answerByExamples(request: ModelRequest): ModelReply {
  const words = (text: string): Set<string> => new Set(text.toLowerCase().split(/\s+/));
  const asked = words(lastUserText(request));
  const common = (message: string): number => [...words(message)].filter((word) => asked.has(word)).length;
  const [best] = shownExamples(request).toSorted((a, b) => common(b.message) - common(a.message));
  const system = request.messages.find(({ role }) => role === 'system')?.content;
  const isTold = typeof system === 'string' && system.includes(strangerRule);
  const unknown = { commands: [{ command: isTold ? 'hand_off' : 'clarify' }] };
  const form = best !== undefined && common(best.message) > 0 ? best.form : unknown;
  // What was read from JSON of an object is one.
  return {
    kind: 'calls',
    calls: [{ name: forcedFunction(request) ?? '', arguments: form as Record<string, unknown> }],
  };
}

/** A word of letters for a number, none part of another. */
function letters(number: number): string {
  const digits = [...String(number).padStart(3, '0')].map((digit) => 'bcdfghjklm'[Number(digit)]);
  return `zu${digits.join('a')}o`;
}
