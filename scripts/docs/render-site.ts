import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import MarkdownIt, { type MarkdownIt as Parser } from 'markdown-it';
import { type Page, pathOf, sectionNames } from './page.ts';

const escapeHtml = new MarkdownIt().utils.escapeHtml;

/** What the headings and links of a page become, see `renderSite`. */
interface Links {
  readonly page: Page;
  readonly pages: ReadonlyMap<string, Page>;
}

/**
 * The files of the site by their path: a page of HTML for each source, and the text that the search looks through. Links
 * between pages stay links; those to files of the repository that are no pages become their names.
 */
export function renderSite(pages: readonly Page[]): Map<string, string> {
  const bySource = new Map(pages.map((page) => [page.source, page]));
  const files = new Map<string, string>();
  for (const page of pages) files.set(page.path, renderPage({ page, pages: bySource }));
  const index = pages.map(({ path, title, section, markdown }) => ({
    id: path,
    title,
    section,
    text: markdown.replaceAll(/```[\s\S]*?```/g, ' ').replaceAll(/[`*_#|>[\]()]/g, ' '),
  }));
  files.set('search.json', JSON.stringify(index));
  return files;
}

function renderPage(links: Links): string {
  const { page, pages } = links;
  const up = '../'.repeat(page.path.split('/').length - 1);
  const body = parserFor(links).render(page.markdown);
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    `<title>${escapeHtml(page.title)} · vagent</title>`,
    `<link rel="stylesheet" href="${up}site.css"><script type="module" src="${up}search.js" data-root="${up}"></script>`,
    '</head><body><a class="skip" href="#content">To the text</a><div class="frame">',
    `<nav aria-label="Pages"><label class="search"><span>Search</span><input type="search" id="search" autocomplete="off"></label><ul id="found" hidden></ul>${navigation(page, [...pages.values()], up)}</nav>`,
    `<main id="content">${body}</main>`,
    '</div></body></html>',
    '',
  ].join('\n');
}

function navigation(current: Page, pages: readonly Page[], up: string): string {
  return sectionNames
    .map((section) => {
      const own = pages.filter((page) => page.section === section);
      const items = own.map(({ path, title }) => {
        const here = path === current.path ? ' aria-current="page"' : '';
        return `<li><a href="${up}${path}"${here}>${escapeHtml(title)}</a></li>`;
      });
      return own.length === 0 ? '' : `<h2>${section}</h2><ul>${items.join('')}</ul>`;
    })
    .join('');
}

function parserFor({ page, pages }: Links): Parser {
  const parser = new MarkdownIt({ html: false, linkify: false });
  const { rules } = parser.renderer;
  rules['heading_open'] = (tokens, at) => {
    const text = tokens[at + 1]?.content ?? '';
    return `<${tokens[at]?.tag} id="${anchorOf(text)}">`;
  };
  rules['link_open'] = (tokens, at) => {
    const href = String(tokens[at]?.attrGet('href') ?? '');
    const target = targetOf(href, page, pages);
    return target === undefined
      ? `<a class="file" title="${escapeHtml(href)}">`
      : `<a href="${escapeHtml(target)}">`;
  };
  rules['table_open'] = () => '<div class="table" tabindex="0" role="region" aria-label="Table"><table>';
  rules['table_close'] = () => '</table></div>';
  rules['image'] = (tokens, at) => {
    const source = posix.join(posix.dirname(page.source), String(tokens[at]?.attrGet('src') ?? ''));
    const shown = posix.relative(posix.dirname(page.path), source.replace(/^docs\//, ''));
    return `<img src="${escapeHtml(shown)}" alt="${escapeHtml(tokens[at]?.content ?? '')}" loading="lazy">`;
  };
  return parser;
}

/** Undefined for a file of the repository that is no page. */
function targetOf(href: string, page: Page, pages: ReadonlyMap<string, Page>): string | undefined {
  if (/^(https?:|mailto:|#)/.test(href)) return href;
  const [path = '', anchor] = href.split('#');
  const source = posix.join(posix.dirname(page.source), path);
  const linked = pages.get(source) ?? pages.get(posix.join(source, 'README.md'));
  if (linked === undefined) return undefined;
  const relative = posix.relative(posix.dirname(page.path), pathOf(linked.source));
  return anchor === undefined ? relative : `${relative}#${anchor}`;
}

/** As forges make them, so that one link works in both places. */
function anchorOf(heading: string): string {
  const plain = heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-');
  return plain === '' ? createHash('sha256').update(heading).digest('hex').slice(0, 8) : plain;
}
