import { isDeepStrictEqual } from 'node:util';
import { type Document, isNode, isScalar, isSeq, parseDocument, YAMLSeq } from 'yaml';
import type { UnderstandingPrompt } from '#playbook/playbook';
import { type PlaybookFiles, promptPath } from '#playbook/playbook-files';
import type { LabelledMessage } from '#playbook/schemas/labelled-file';

const head = `# What a model is shown when it understands a message: notes, and messages with what they mean.
# Written by "vagent playbook optimise"; edit it as you like.
`;

/** The same folder with this prompt in `understanding/prompt.yaml`. What stays the same stays as it is written, comments too. */
export function withPrompt(
  files: PlaybookFiles,
  before: UnderstandingPrompt,
  after: UnderstandingPrompt,
): PlaybookFiles {
  if (isDeepStrictEqual(before, after)) return files;
  const document = parseDocument(files.texts[promptPath] ?? head);
  if (after.instructions !== before.instructions) setNotes(document, after.instructions);
  if (!isDeepStrictEqual(after.examples, before.examples)) setExamples(document, after.examples);
  const text = document.toString({ lineWidth: 0 });
  return { ...files, texts: { ...files.texts, [promptPath]: text } };
}

function setNotes(document: Document, notes: string | undefined): void {
  if (notes === undefined) return void document.delete('instructions');
  const node = document.createNode(notes);
  if (isScalar(node) && notes.includes('\n')) node.type = 'BLOCK_LITERAL';
  const old = document.get('instructions', true);
  if (isNode(old)) node.comment = old.comment ?? null;
  document.set('instructions', node);
}

function setExamples(document: Document, examples: readonly LabelledMessage[]): void {
  const old = document.get('examples', true);
  const present = isSeq(old) ? old.items : [];
  const items = examples.map((example) => {
    const same = present.find((item) => isNode(item) && isDeepStrictEqual(item.toJS(document), example));
    return same ?? document.createNode(example, { flow: true });
  });
  const list = isSeq(old) ? old : new YAMLSeq();
  list.flow = items.length === 0;
  list.items = items;
  document.set('examples', list);
}
