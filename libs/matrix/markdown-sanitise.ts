import sanitizeHtml from 'sanitize-html';

/** Where links may lead. */
export const linkSchemes: readonly string[] = ['http', 'https', 'mailto', 'matrix'];

const options: sanitizeHtml.IOptions = {
  allowedTags: [
    ...['del', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'blockquote', 'p', 'a', 'ul', 'ol', 'sup', 'sub', 'li'],
    ...['b', 'i', 'u', 'strong', 'em', 's', 'code', 'hr', 'br', 'div', 'table', 'thead', 'tbody', 'tr', 'th'],
    ...['td', 'caption', 'pre', 'span', 'details', 'summary'],
  ],
  allowedAttributes: {
    a: ['href'],
    ol: ['start'],
    code: ['class'],
    span: ['data-mx-spoiler', 'data-mx-color', 'data-mx-bg-color'],
  },
  allowedClasses: { code: ['language-*'] },
  allowedSchemes: [...linkSchemes],
  allowedSchemesAppliedToAttributes: ['href', 'src'],
  allowProtocolRelative: false,
  disallowedTagsMode: 'discard',
  // A relative link leads nowhere.
  transformTags: {
    a: (tagName, { href }) => ({ tagName, attribs: href?.includes(':') === true ? { href } : {} }),
  },
  nestingLimit: 100,
};

/**
 * Leaves the HTML that Matrix clients are to render and nothing else (client-server API, "m.room.message msgtypes":
 * the tags but images, attributes and at most 100 levels), with links to web, mail and Matrix only.
 */
export function sanitiseMatrixHtml(html: string): string {
  return sanitizeHtml(html, options);
}
