import sanitizeHtml from 'sanitize-html';

/** Where links may lead. */
export const linkSchemes: readonly string[] = ['http', 'https', 'mailto', 'matrix'];

const options: sanitizeHtml.IOptions = {
  allowedTags: [
    ...['del', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'blockquote', 'p', 'a', 'ul', 'ol', 'sup', 'sub', 'li'],
    ...['b', 'i', 'u', 'strong', 'em', 's', 'code', 'hr', 'br', 'div', 'table', 'thead', 'tbody', 'tr', 'th'],
    ...['td', 'caption', 'pre', 'span', 'img', 'details', 'summary'],
  ],
  allowedAttributes: {
    a: ['href'],
    ol: ['start'],
    code: ['class'],
    img: ['src', 'alt', 'title', 'width', 'height'],
    span: ['data-mx-spoiler', 'data-mx-color', 'data-mx-bg-color'],
  },
  allowedClasses: { code: ['language-*'] },
  allowedSchemes: [...linkSchemes],
  allowedSchemesByTag: { img: ['mxc'] },
  allowedSchemesAppliedToAttributes: ['href', 'src'],
  allowProtocolRelative: false,
  disallowedTagsMode: 'discard',
  // An image from elsewhere is left out whole, not as an empty frame; a relative link leads nowhere.
  exclusiveFilter: ({ tag, attribs }) => tag === 'img' && !attribs['src']?.startsWith('mxc://'),
  transformTags: {
    a: (tagName, { href }) => ({ tagName, attribs: href?.includes(':') === true ? { href } : {} }),
  },
  nestingLimit: 100,
};

/**
 * Leaves the HTML that Matrix clients are to render and nothing else (client-server API, "m.room.message msgtypes":
 * the tags, attributes and at most 100 levels), with links to web, mail and Matrix only, and images from the
 * homeserver's own media only.
 */
export function sanitiseMatrixHtml(html: string): string {
  return sanitizeHtml(html, options);
}
