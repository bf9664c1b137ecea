import sanitizeHtml from 'sanitize-html';

const blocks = [
  'p',
  'br',
  'div',
  'li',
  'tr',
  'table',
  'pre',
  'blockquote',
  'section',
  'article',
  'header',
  'footer',
];
const headings = ['h1', 'h2', 'h3', 'h4', 'h5', 'h6'];
const entities: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"' };

/** The text that a person reads on a page, a line for each block; what is no HTML stays as it is. */
export function pageText(text: string, contentType: string): string {
  const plain = contentType.includes('html') ? readHtml(text) : text;
  return plain
    .replace(/[^\S\n]+/g, ' ')
    .replace(/ ?\n ?/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

function readHtml(html: string): string {
  const allowedTags = [...blocks, ...headings];
  const nonTextTags = ['style', 'script', 'textarea', 'option', 'noscript', 'title', 'template', 'svg'];
  const bare = sanitizeHtml(html, { allowedTags, allowedAttributes: {}, nonTextTags });
  // What is left are these tags alone, without attributes, and the four entities.
  return bare
    .replace(/<\/?[a-z0-9]+ ?\/?>/g, '\n')
    .replace(/&(?:amp|lt|gt|quot);/g, (entity) => entities[entity] ?? '');
}
