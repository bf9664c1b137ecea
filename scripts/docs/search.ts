/// <reference lib="dom" />
import MiniSearch from 'minisearch';

interface Entry {
  readonly id: string;
  readonly title: string;
  readonly section: string;
  readonly text: string;
}

const root = document.querySelector<HTMLScriptElement>('script[data-root]')?.dataset['root'] ?? '';
const input = document.querySelector<HTMLInputElement>('#search');
const found = document.querySelector<HTMLUListElement>('#found');
let index: Promise<MiniSearch<Entry>> | undefined;

async function load(): Promise<MiniSearch<Entry>> {
  const search = new MiniSearch<Entry>({
    fields: ['title', 'text'],
    storeFields: ['title', 'section'],
    searchOptions: { prefix: true, fuzzy: 0.2, boost: { title: 4 } },
  });
  const answer = await fetch(`${root}search.json`);
  // Written by the same build.
  search.addAll((await answer.json()) as Entry[]);
  return search;
}

input?.addEventListener('input', async () => {
  if (found === null) return;
  index ??= load();
  const words = input.value.trim();
  const hits = words === '' ? [] : (await index).search(words).slice(0, 8);
  found.replaceChildren(
    ...hits.map((hit) => {
      const item = document.createElement('li');
      const link = document.createElement('a');
      link.href = `${root}${hit.id}`;
      link.textContent = `${hit['title']}`;
      const section = document.createElement('small');
      section.textContent = ` ${hit['section']}`;
      item.append(link, section);
      return item;
    }),
  );
  found.hidden = hits.length === 0;
});
