/** A page of the documentation, read from a file of the repository. */
export interface Page {
  /** From the repository's root, e.g. `docs/operate/scale.md`. */
  readonly source: string;
  /** In the site, e.g. `operate/scale.html`. */
  readonly path: string;
  readonly title: string;
  readonly section: string;
  readonly markdown: string;
}

const sections: readonly { readonly prefix: string; readonly name: string }[] = [
  { prefix: 'docs/operate/runbooks/', name: 'Runbooks' },
  { prefix: 'docs/operate/', name: 'Operate' },
  { prefix: 'docs/guide/', name: 'Write a playbook' },
];

/** The order of the sections in the navigation. */
export const sectionNames = ['vagent', 'Write a playbook', 'Operate', 'Runbooks'] as const;

export function toPage(source: string, markdown: string): Page {
  const title = /^# +(.+)$/m.exec(markdown)?.[1]?.trim() ?? source;
  const section = sections.find(({ prefix }) => source.startsWith(prefix))?.name ?? 'vagent';
  return { source, path: pathOf(source), title, section, markdown };
}

/** Where a source stands in the site: README files become the index of their folder. */
export function pathOf(source: string): string {
  return source
    .replace(/^docs\//, '')
    .replace(/README\.md$/, 'index.md')
    .replace(/^ARCHITECTURE\.md$/, 'architecture.md')
    .replace(/\.md$/, '.html');
}
