import type { PlaybookFiles } from '#playbook/playbook-files';
import { addToYamlList } from './edit-yaml-list.ts';
import type { Addition } from './place-example.ts';

/** The same folder with texts added to its lists; one that stands there already is not added again. */
export function applyAdditions(files: PlaybookFiles, additions: readonly Addition[]): PlaybookFiles {
  const texts: Record<string, string> = { ...files.texts };
  const lists = Map.groupBy(additions, ({ file, path }) => JSON.stringify([file, path]));
  for (const list of lists.values()) {
    const [first] = list;
    if (first === undefined) continue;
    texts[first.file] = addToYamlList(
      texts[first.file] ?? '',
      first.path,
      list.map(({ text }) => text),
    );
  }
  return { ...files, texts };
}
